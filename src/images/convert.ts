/** Conversion to raw by `qemu-img`, which is not trusted with more than it needs. */
import { spawn } from 'node:child_process'
import type { ImageContext } from './context.js'
import { ImageConvertFailed } from './errors.js'
import type { ImageFormat } from './formats/types.js'

/** An image that needs more is made to hurt (`qemu_img_limits` upstream: 1 GiB, raised since). */
const limits = ['--as=2147483648', '--cpu=3600', '--core=0']
const longestMs = 2 * 3600_000
/** `qemu-img` names two formats by their inventors' words. */
const qemuNames: Partial<Record<ImageFormat, string>> = { vhd: 'vpc', gpt: 'raw', iso: 'raw' }

/**
 * Converts an image that was inspected before.
 * @param href for error texts
 * @throws ImageConvertFailed; nothing is left at `target` then that anybody should use
 */
export async function convertToRaw(
  ctx: ImageContext,
  image: { readonly href: string; readonly path: string; readonly format: ImageFormat },
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const { path, format, href } = image
  const limit = AbortSignal.any([signal, AbortSignal.timeout(longestMs)])
  const convert = (cache: string) =>
    run(
      // prettier-ignore
      ['convert', '-f', qemuNames[format] ?? format, '-O', 'raw', '-t', cache, '-S', '4k', path, target],
      limit,
    )
  const fault = await convert('none').then((first) =>
    // Past the page cache is how it should be written, and not every file system can.
    first !== null && /O_DIRECT|Invalid argument/.test(first) ? convert('writeback') : first,
  )
  if (fault === null) return
  signal.throwIfAborted()
  ctx.log.images.error({ format, fault }, 'an image could not be converted')
  throw new ImageConvertFailed(href, lastLine(fault))
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? 'qemu-img failed'

/** Resolves to null, or to what went wrong. */
function run(args: readonly string[], signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('prlimit', [...limits, 'qemu-img', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-4096)
    })
    child.once('error', (error) => resolve(`qemu-img cannot be run: ${error.message}`))
    child.once('close', (code, killed) =>
      resolve(code === 0 ? null : text || `qemu-img ended with ${killed ?? code}`),
    )
  })
}
