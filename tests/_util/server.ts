// One throw-away PostgreSQL for a run of the unit tests: the embedded one, without durability.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.js'
import { joinServer, type EmbeddedServer } from '../../src/db/embedded/server.js'
import { silent } from './silent.js'
import { ensureTemplate, templateKey } from './template.js'

const cache = join(import.meta.dirname, '../../node_modules/.cache/ferric')
const overrides = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
  shared_buffers: '128MB',
  autovacuum: 'off',
  max_wal_size: '2GB',
}

const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to])

function start(home: string): Promise<EmbeddedServer> {
  const log = silent.db
  return joinServer({ home, user: 'nobody', clock: systemClock, log, overrides })
}

/** The cluster with the migrated template is made once and kept; a run starts from a copy. */
async function keepCluster(home: string, kept: string): Promise<void> {
  const server = await start(home)
  await ensureTemplate(server.url.href)
  await server.close(true)
  const draft = `${kept}.${process.pid}`
  mkdirSync(cache, { recursive: true })
  copy(home, draft)
  if (existsSync(kept)) rmSync(draft, { recursive: true })
  else renameSync(draft, kept)
}

/** Vitest calls this once before the workers start, and the returned function after they have ended. */
export default async function setup(): Promise<() => Promise<void>> {
  const external = process.env['FERRIC_TEST_POSTGRES_URL']
  if (external) {
    process.env['FERRIC_UNIT_POSTGRES_URL'] = external
    return () => Promise.resolve()
  }
  const parent = mkdtempSync(join(tmpdir(), 'ferric-tests-'))
  chmodSync(parent, 0o755)
  const home = join(parent, 'db')
  const kept = join(cache, `cluster-${await templateKey()}`)
  if (existsSync(kept)) copy(kept, home)
  else await keepCluster(home, kept)
  const server = await start(home)
  process.env['FERRIC_UNIT_POSTGRES_URL'] = server.url.href
  return async () => {
    await server.close(true)
    rmSync(parent, { recursive: true, force: true })
  }
}
