/** The config drive of an instance, in whichever form its user gave it. */
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import type { ImageContext } from '../context.js'
import { buildConfigDrive } from './build.js'
import { decodeConfigDrive, encodeConfigDrive } from './encode.js'

interface DrivenNode {
  readonly uuid: string
  readonly name: string | null
  readonly instanceInfo: JsonObject | null
}

/**
 * As agents take it: a URL, or a gzipped ISO in base64, which is built here where the user gave its
 * parts.
 * @returns null when the instance has none
 * @throws InvalidParameterValue for one that cannot be built
 */
export async function configDriveText(node: DrivenNode): Promise<string | null> {
  const drive = givenDrive(node)
  if (drive === null || typeof drive === 'string') return drive
  return await encodeConfigDrive(buildConfigDrive(drive, node))
}

/**
 * The bytes of the disc.
 * @throws InvalidParameterValue when it cannot be had, is malformed or too large
 */
export async function configDriveIso(
  ctx: ImageContext,
  node: DrivenNode,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const drive = givenDrive(node)
  if (typeof drive === 'string') return await decodeConfigDrive(ctx, drive, signal)
  return drive === null ? null : buildConfigDrive(drive, node)
}

function givenDrive({ uuid, instanceInfo }: DrivenNode): string | JsonObject | null {
  const drive = instanceInfo?.['configdrive']
  if (drive === undefined || drive === null || drive === '') return null
  if (typeof drive === 'string') return drive
  if (typeof drive === 'object' && !Array.isArray(drive)) return drive as JsonObject
  throw new InvalidParameterValue(`The config drive of node ${uuid} is of no known form.`)
}
