/** Reads checksum files in the shapes upstream reads (`checksum_utils.get_checksum_from_url`). */
import { ImageDownloadFailed } from './errors.js'
import { shownHref } from './href.js'

const digest = /^(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})$/i
/** A digest at the start or at the end of a line; upstream looks for the shortest first. */
const digestsInLine = [32, 64, 128].map(
  (length) => new RegExp(`^\\\\?([0-9a-f]{${length}})\\s|\\s([0-9a-f]{${length}})$`, 'i'),
)

/**
 * Returns the checksum of one file out of a checksum file, in lower case.
 * @param name of the image's file; a file that holds a single bare checksum needs none
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
  const values = lines
    .filter((line) => !line.startsWith('#') && namesFile(line, name))
    .map(digestIn)
  return (
    values.find((value) => value !== null) ?? fail(`Checksum file does not contain name ${name}`)
  )
}

/**
 * Whether the line is for the file: the name stands at its end (`digest name`, `digest *name`,
 * `digest size name`), in parentheses (`SHA256 (name) = digest`), or at its start.
 */
function namesFile(line: string, name: string): boolean {
  if (line.endsWith(name) && /\s\*?(?:\.\/)?$/.test(line.slice(0, line.length - name.length))) {
    return true
  }
  if (line.includes(`(${name})`)) return true
  const start = line.replace(/^\*/, '')
  return start.startsWith(name) && /^\s/.test(start.slice(name.length))
}

function digestIn(line: string): string | null {
  for (const form of digestsInLine) {
    const [, first, last] = form.exec(line) ?? []
    const value = first ?? last
    if (value !== undefined) return value.toLowerCase()
  }
  return null
}
