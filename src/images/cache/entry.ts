/** What is known of a cached image, in a file beside it. */
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageFormat } from '../formats/types.js'
import type { Validators } from '../sources/types.js'
import { ownName, type CacheLayout } from './layout.js'

export interface Entry extends Validators {
  /** Of the image as it was fetched, before conversion; by algorithm. */
  readonly digests: Readonly<Record<string, string>>
  readonly format: ImageFormat | null
  readonly virtualSize: number | null
  readonly size: number
  /** Ties this description to the very file it was written for. */
  readonly mtimeMs: number
  /** It was looked into. */
  readonly inspected: boolean
  readonly declared: string | null
}

const describing = (layout: CacheLayout, name: string) => join(layout.root, `${name}.json`)

/** The entry of a master image, null when there is none that can be trusted. */
export async function readEntry(layout: CacheLayout, name: string): Promise<Entry | null> {
  try {
    const text = await readFile(describing(layout, name), 'utf8')
    const { lastModified, ...rest } = JSON.parse(text) as Omit<Entry, 'lastModified'> & {
      lastModified: string | null
    }
    const file = await stat(join(layout.root, name))
    if (file.size !== rest.size || file.mtimeMs !== rest.mtimeMs) return null
    return { ...rest, lastModified: lastModified === null ? null : new Date(lastModified) }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Puts a finished file into place under its name, then says what it is. */
export async function writeEntry(
  layout: CacheLayout,
  name: string,
  part: string,
  entry: Omit<Entry, 'size' | 'mtimeMs'>,
): Promise<Entry> {
  const { size, mtimeMs } = await stat(part)
  const whole = { ...entry, size, mtimeMs }
  const draft = join(layout.parts, `${ownName()}.json`)
  await writeFile(draft, JSON.stringify(whole), { flag: 'wx', mode: 0o640 })
  await rm(describing(layout, name), { force: true })
  await rename(part, join(layout.root, name))
  await rename(draft, describing(layout, name))
  return whole
}

export const removeEntry = async (layout: CacheLayout, name: string): Promise<void> => {
  await rm(describing(layout, name), { force: true })
  await rm(join(layout.root, name), { force: true })
}
