/** The forms config drives travel in. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { errorText } from '../../error-text.js'
import { InvalidParameterValue } from '../../errors.js'
import type { ImageContext } from '../context.js'
import { readSmall } from '../open.js'
import { shownHref } from '../href.js'
import { mostConfigDrive, tooLarge } from './build.js'

const [zip, unzip] = [promisify(gzip), promisify(gunzip)]
/** A gzipped drive may be larger than the drive, a little. */
const mostEncoded = Math.ceil(((mostConfigDrive + 65536) * 4) / 3)

/** A drive as agents and Nova pass it: gzipped, in base64. */
export const encodeConfigDrive = async (iso: Buffer): Promise<string> =>
  (await zip(iso)).toString('base64')

/**
 * The bytes of a drive that was given as a string: base64 of a (gzipped) disc, or the URL of one.
 * @throws InvalidParameterValue when it cannot be had, is malformed or does not fit its partition
 */
export async function decodeConfigDrive(
  ctx: ImageContext,
  drive: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const text = /^https?:\/\//i.test(drive) ? await downloaded(ctx, drive, signal) : drive
  if (text.length > mostEncoded) throw tooLarge()
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 0 || !/^[A-Za-z0-9+/=\s]+$/.test(text)) throw malformed()
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b
  const iso = zipped ? await unpacked(bytes) : bytes
  if (iso.length > mostConfigDrive) throw tooLarge()
  return iso
}

async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: mostConfigDrive })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw malformed(error)
  }
}

const malformed = (cause?: unknown) =>
  new InvalidParameterValue(
    'Config drive is not base64 encoded or the content is malformed.',
    cause,
  )

async function downloaded(ctx: ImageContext, url: string, signal: AbortSignal): Promise<string> {
  try {
    return (await readSmall(ctx, url, mostEncoded, signal)).toString('latin1').trim()
  } catch (cause) {
    signal.throwIfAborted()
    const reason = errorText(cause)
    throw new InvalidParameterValue(
      `Can't download the configdrive content from '${shownHref(url)}'. Reason: ${reason}`,
      cause,
    )
  }
}
