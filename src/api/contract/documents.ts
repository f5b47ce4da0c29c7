import { join } from 'node:path'
import { installationRoot } from '../../installation.js'
import { readDocuments } from './load.js'
import type { Documents } from './load.js'

/** The documents under `openapi/`. `scripts/build.mjs` puts them, parsed, in this file's place. */
export function contractDocuments(): Documents {
  return readDocuments(join(installationRoot(), 'openapi'))
}
