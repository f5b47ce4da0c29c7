import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/**
 * Creating a PGlite data directory takes half a gigabyte that WebAssembly never gives back, so a
 * thread does it and takes the memory with it when it ends.
 */
const program = `
  const { workerData } = require('node:worker_threads')
  import(workerData.pglite).then(async ({ PGlite }) => {
    const pg = await PGlite.create(workerData.directory)
    await pg.close()
  })
`

const createTimeoutMs = 120_000

/**
 * Creates an embedded database's data directory unless it is there. A creation that is cut short
 * leaves nothing that looks finished.
 * @throws Error when it cannot be created
 */
export async function ensureDataDirectory(directory: string): Promise<void> {
  if (existsSync(join(directory, 'PG_VERSION'))) return
  const draft = `${directory}.new`
  await rm(draft, { recursive: true, force: true })
  await createIn(draft)
  await rename(draft, directory)
}

async function createIn(directory: string): Promise<void> {
  const resolve = createRequire(import.meta.url).resolve
  const pglite = pathToFileURL(resolve('@electric-sql/pglite')).href
  const worker = new Worker(program, { eval: true, workerData: { pglite, directory } })
  try {
    const [code] = (await once(worker, 'exit', {
      signal: AbortSignal.timeout(createTimeoutMs),
    })) as [number]
    if (code !== 0) throw new Error(`creating ${directory} ended with code ${code}`)
  } finally {
    await worker.terminate()
  }
}
