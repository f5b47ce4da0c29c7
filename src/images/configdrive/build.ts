/** Config drives: what cloud-init reads from a disc with the label `config-2`. */
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { isoBuffer } from '../iso9660/write.js'

/** The partition a config drive goes to is so large (`drivers/modules/deploy_utils.py`). */
export const mostConfigDrive = 64 * 1024 * 1024
const versions = ['openstack/2012-08-10', 'openstack/latest']

/** What a drive is built from; what is absent is no file on it. */
export interface ConfigDriveParts {
  readonly meta_data?: unknown
  readonly network_data?: unknown
  readonly user_data?: unknown
  readonly vendor_data?: unknown
}

/**
 * Builds a drive (the layout of Nova's `metadata/base.py`, as `openstacksdk` writes it).
 * @param node stands in for what the metadata do not name
 * @throws InvalidParameterValue when it does not fit
 */
export function buildConfigDrive(
  parts: ConfigDriveParts,
  node: { readonly uuid: string; readonly name: string | null },
): Buffer {
  const own = parts.meta_data
  const metadata: JsonObject = {
    ...(typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as JsonObject) : {}),
  }
  metadata['uuid'] ??= node.uuid
  if (node.name !== null && node.name !== '') metadata['name'] ??= node.name
  const contents: [string, Buffer | null][] = [
    ['meta_data.json', json(metadata)],
    ['network_data.json', json(parts.network_data)],
    ['vendor_data2.json', json(parts.vendor_data)],
    ['user_data', userData(parts.user_data)],
  ]
  const files = versions.flatMap((dir) =>
    contents.flatMap(([name, content]) =>
      content === null ? [] : [{ path: `${dir}/${name}`, content }],
    ),
  )
  const size = files.reduce((sum, { content }) => sum + content.length, 0)
  if (size > mostConfigDrive - 1024 * 1024) throw tooLarge()
  return isoBuffer({ label: 'config-2', publisher: 'FERRIC', files })
}

const json = (value: unknown): Buffer | null =>
  value === undefined || value === null ? null : Buffer.from(JSON.stringify(value))

function userData(value: unknown): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : json(value)
}

export const tooLarge = (): InvalidParameterValue =>
  new InvalidParameterValue(
    `The config drive is larger than ${mostConfigDrive / 1024 / 1024} MiB, the size of its partition.`,
  )
