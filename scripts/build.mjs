/**
 * Bundles `src/` into `dist/main.js`. Packages stay outside. A build that would give what is
 * there already is skipped.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = join(root, 'dist/main.js')
const stamp = join(root, 'dist/.inputs')

/** Changes when a file that goes into the bundle is added, removed or written. */
function inputsKey() {
  const hash = createHash('sha256')
  const inputs = ['scripts/build.mjs', 'package-lock.json', ...filesUnder('src')]
  for (const name of inputs) {
    const { mtimeMs, size } = statSync(join(root, name))
    hash.update(`${name}\0${mtimeMs}\0${size}\n`)
  }
  return hash.digest('hex')
}

function filesUnder(directory) {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted()
}

function readOr(path, fallback) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return fallback
    throw error
  }
}

/**
 * Builds when the sources have changed.
 * @returns {Promise<string>} the bundle's path
 */
export async function ensureBuilt() {
  const key = inputsKey()
  if (readOr(stamp, '') === key && readOr(outfile, '') !== '') return outfile
  const { build } = await import('esbuild')
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  })
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, key)
  return outfile
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureBuilt()
