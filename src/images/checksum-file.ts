/** Files of checksums in the shapes that are usual (`checksum_utils.get_checksum_from_url`). */
import { ImageDownloadFailed } from './errors.js'
import { shownHref } from './href.js'

const digest = /^(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})$/i
/** `SHA256 (name) = digest`, as BSD and `sha256sum --tag` write it. */
const tagged = /^\S+\s+\((.+)\)\s*=\s*([0-9a-f]+)$/i
/** `digest  name` and `digest *name`, as coreutils write it. */
const plain = /^\\?([0-9a-f]+)\s+\*?(.+)$/i
/** `name digest`, which upstream takes too. */
const reversed = /^\*?(.+?)\s+([0-9a-f]+)$/i

/**
 * The checksum of one file out of a file of checksums.
 * @param name of the image's file; a file of one bare checksum needs none
 * @param url of the checksum file, for error texts
 * @throws ImageDownloadFailed
 */
export function checksumFromFile(text: string, name: string, url: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const fail = (reason: string): never => {
    throw new ImageDownloadFailed(shownHref(url), reason)
  }
  const [only] = lines
  if (only === undefined) return fail('Checksum file empty.')
  if (lines.length === 1 && !/\s/.test(only)) {
    return digest.test(only)
      ? only.toLowerCase()
      : fail('Invalid checksum file (No valid checksum found)')
  }
  const found = lines.filter((line) => !line.startsWith('#')).map((line) => valueFor(line, name))
  return (
    found.find((value) => value !== null) ?? fail(`Checksum file does not contain name ${name}`)
  )
}

function valueFor(line: string, name: string): string | null {
  const pairs = [
    [tagged.exec(line), 1, 2],
    [plain.exec(line), 2, 1],
    [reversed.exec(line), 1, 2],
  ] as const
  for (const [match, file, value] of pairs) {
    if (match?.[file]?.replace(/^\.\//, '') !== name) continue
    const text = match[value] ?? ''
    if (digest.test(text)) return text.toLowerCase()
  }
  return null
}
