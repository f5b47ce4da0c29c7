/**
 * Anaconda tells an archive from a file system by the end of its name
 * (https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html, liveimg).
 */
import type { JsonObject } from '../../db/columns.js'

export const archiveExtensions = [
  '.tar.gz',
  '.tar.bz2',
  '.tar.xz',
  '.tar',
  '.tbz',
  '.tgz',
  '.txz',
  '.img',
] as const

const key = 'disk_file_extension'

/** What an image in Glance says of the end of its name. */
export function archiveOf(image: JsonObject): JsonObject {
  const properties = image['properties'] as JsonObject | undefined
  return { [key]: properties?.[key] ?? image[key] ?? null }
}

/**
 * The end of the name an image is served under: as its properties say, else as its own name has it.
 * @returns empty when neither is one the installer knows
 */
export function archiveExtension(source: string, info: JsonObject): string {
  const path = (URL.canParse(source) ? new URL(source).pathname : source).toLowerCase()
  const said = archiveExtensions.find((one) => one === info[key])
  return said ?? archiveExtensions.find((one) => path.endsWith(one)) ?? ''
}
