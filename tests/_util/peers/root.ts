import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

function up(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  if (dirname(from) === from) throw new Error('not inside the repository')
  return up(dirname(from))
}

/** The repository's folder, also for code that was bundled to somewhere inside it. */
export const root = up(import.meta.dirname)
