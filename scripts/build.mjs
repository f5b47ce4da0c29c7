/**
 * Bundles `src/`, the packages it uses and `openapi/` into `dist/main.js`: one file to load and no
 * YAML to parse, which halves the time to the first answer. The programs of the sandbox become
 * `dist/sandbox.js`. A build is skipped when its inputs have not changed.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = join(root, 'dist/main.js')
const sandboxFile = join(root, 'dist/sandbox.js')
const stamp = join(root, 'dist/.inputs')

/** Changes when a file that goes into the bundle is added, removed or written. */
function inputsKey() {
  const hash = createHash('sha256')
  const inputs = [
    'scripts/build.mjs',
    'package-lock.json',
    ...filesUnder('src'),
    ...filesUnder('openapi'),
  ]
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

/** Puts the parsed documents where the source reads the YAML files. */
const contractPlugin = {
  name: 'contract',
  setup({ onLoad }) {
    onLoad({ filter: /src[/\\]api[/\\]contract[/\\]documents\.ts$/ }, async () => {
      const { parse } = await import('yaml')
      const names = readdirSync(join(root, 'openapi')).filter((name) => name.endsWith('.yaml'))
      const entries = names.toSorted().map((name) => {
        return [name, parse(readFileSync(join(root, 'openapi', name), 'utf8'))]
      })
      const json = JSON.stringify(JSON.stringify(entries))
      return {
        contents: `export const contractDocuments = () => new Map(JSON.parse(${json}))`,
        loader: 'js',
        watchFiles: names.map((name) => join(root, 'openapi', name)),
      }
    })
  },
}

/** Not bundled: pino starts workers from files, and PGlite is installed only to move an old database. */
const external = ['@electric-sql/pglite', 'pino']

/** CommonJS packages inside an ES module still call `require`. */
const banner =
  "import { createRequire as $createRequire } from 'node:module'\n" +
  'const require = $createRequire(import.meta.url)'

/**
 * Builds when the sources have changed.
 * @returns {Promise<string>} the bundle's path
 */
export async function ensureBuilt() {
  const key = inputsKey()
  const isBuilt = [outfile, sandboxFile].every((file) => readOr(file, '') !== '')
  if (readOr(stamp, '') === key && isBuilt) return outfile
  await bundle('src/main.ts', outfile)
  await ensureSandboxBuilt()
  writeFileSync(stamp, key)
  return outfile
}

/** Builds the sandbox alone, for tests: they run everything else from `src/`. */
export async function ensureSandboxBuilt() {
  await bundle('src/sandbox/entry.ts', sandboxFile)
}

/** How esbuild bundles a file of `src/` into `file`. */
export const bundleOptions = (entry, file) => ({
  entryPoints: [join(root, entry)],
  outfile: file,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  external,
  mainFields: ['module', 'main'],
  banner: { js: banner },
  plugins: [contractPlugin],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})

/** Processes that start together build at the same time; none may load half of a file. */
async function bundle(entry, file) {
  const { build, stop } = await import('esbuild')
  const draft = join(root, `dist/.draft-${process.pid}`)
  const name = basename(file)
  await build(bundleOptions(entry, join(draft, name)))
  // The builder is a process of its own that would stay beside the server.
  await stop()
  renameSync(join(draft, `${name}.map`), `${file}.map`)
  renameSync(join(draft, name), file)
  rmSync(draft, { recursive: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'sandbox') await ensureSandboxBuilt()
  else await ensureBuilt()
}
