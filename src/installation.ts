import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory this installation lives in, whether it runs from `src/` or from `dist/`. */
export function installationRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'migrations/meta/_journal.json'))) {
    if (directory === dirname(directory)) throw new Error('The installation has no migrations/')
    directory = dirname(directory)
  }
  return directory
}

/** The version in `package.json`. */
export function ferricVersion(): string {
  const manifest = readFileSync(join(installationRoot(), 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
