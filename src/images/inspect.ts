/**
 * What an image is, by its own bytes. Whoever can name an image could otherwise have the
 * conductor's files read into it, or another format hidden in it (CVE-2024-44082).
 */
import { open } from 'node:fs/promises'
import type { ImageContext } from './context.js'
import { InvalidImage } from './errors.js'
import { gpt } from './formats/gpt.js'
import { iso } from './formats/iso.js'
import { luks, qed, vdi } from './formats/others.js'
import { qcow2 } from './formats/qcow2.js'
import type { ByteReader, Detector, Finding, ImageFormat } from './formats/types.js'
import { vhd, vhdx } from './formats/virtual-pc.js'
import { vmdk } from './formats/vmdk.js'

const detectors: readonly Detector[] = [qcow2, vhd, vhdx, vmdk, vdi, qed, iso, gpt, luks]
const headLength = 65536
/** Kernels and ramdisks are never given to a converter: their content is not looked at. */
const unchecked = new Set(['aki', 'ari'])

/**
 * Finds the one format an image has; `raw` when it is none that is known.
 * @throws InvalidImage when it looks like more than one
 */
export async function detectFormat(image: ByteReader): Promise<Finding> {
  const head = await image.read(0, headLength)
  const found = (await Promise.all(detectors.map((detect) => detect(head, image)))).filter(
    (finding) => finding !== null,
  )
  const formats = found.map(({ format }) => format)
  if (found.length > 1 && !isHybridIso(formats)) {
    throw invalid(`Multiple formats detected: ${formats.join(',')}`)
  }
  return (
    found.find(({ format }) => format === 'iso') ??
    found[0] ?? { format: 'raw', virtualSize: image.size, violations: [] }
  )
}

/** An ISO that also boots from a stick carries a partition table for the firmware. */
const isHybridIso = (formats: readonly ImageFormat[]): boolean =>
  formats.length === 2 && formats.includes('iso') && formats.includes('gpt')

/** The same of a local file. @throws InvalidImage */
export async function inspectFormat(path: string): Promise<Finding> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    return await detectFormat({
      size,
      async read(offset, length) {
        const wanted = Math.max(0, Math.min(length, size - offset))
        const buffer = Buffer.alloc(wanted)
        const { bytesRead } = await handle.read(buffer, 0, wanted, offset)
        return buffer.subarray(0, bytesRead)
      },
    })
  } finally {
    await handle.close()
  }
}

/**
 * Looks into an image before anything uses it.
 * @param declared the format somebody said it has (`disk_format`), if anybody did
 * @throws InvalidImage; the reason is only logged, as whoever made the image may be hostile
 */
export async function checkImage(
  ctx: ImageContext,
  path: string,
  declared: string | null,
): Promise<Finding> {
  try {
    const found = await inspectFormat(path)
    const [violation] = found.violations
    if (violation !== undefined) throw invalid(violation)
    requirePermitted(ctx, found.format)
    requireDeclared(found.format, declared)
    return found
  } catch (error) {
    const reason = error instanceof InvalidImage ? String(error.cause) : String(error)
    ctx.log.images.error({ declared, reason }, 'security: an image is refused')
    throw error instanceof InvalidImage ? error : new InvalidImage(undefined, error)
  }
}

function requirePermitted(ctx: ImageContext, format: ImageFormat): void {
  const permitted = ctx.config.conductor.permitted_image_formats
  // A disk with a partition table is what raw images are.
  const ok = permitted.includes(format) || (format === 'gpt' && permitted.includes('raw'))
  if (!ok) throw invalid(`${format} is not in [conductor] permitted_image_formats`)
}

function requireDeclared(format: ImageFormat, declared: string | null): void {
  if (declared === null || declared === format || unchecked.has(declared)) return
  if (declared === 'raw' && (format === 'gpt' || format === 'raw')) return
  throw invalid(`it is ${format}, and ${declared} was declared`)
}

const invalid = (reason: string): InvalidImage => new InvalidImage(undefined, reason)
