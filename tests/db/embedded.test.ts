import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { serverAccount } from '../../src/db/embedded/account.js'
import { layoutOf } from '../../src/db/embedded/layout.js'
import { runningPostmaster } from '../../src/db/embedded/postmaster.js'
import { joinServer, type EmbeddedServer } from '../../src/db/embedded/server.js'
import { silent } from '../_util/silent.js'

let parent: string
let home: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'ferric-embedded-'))
  chmodSync(parent, 0o755)
  home = join(parent, 'db')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const log = silent.db
const joined = (at = home): Promise<EmbeddedServer> =>
  joinServer({ home: at, user: 'nobody', clock: systemClock, log })

const layout = (at = home) => layoutOf(at, serverAccount('nobody'))
const running = (at = home) => runningPostmaster(layout(at))
const ends = (at = home) => vi.waitFor(async () => expect(await running(at)).toBeNull(), 20_000)

/** Bundles the process that a test kills. It lies in the repository, where it finds its packages. */
async function program(): Promise<string> {
  const outfile = join(import.meta.dirname, '../../node_modules/.cache/ferric/embedded-user.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, '_embedded-user.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  return outfile
}

/** Runs one statement; the connection is retried while the server starts again. */
async function query(url: URL, text: string): Promise<readonly postgres.Row[]> {
  const host = url.searchParams.get('host')
  const options = { max: 1, ...(host === null ? {} : { host }) }
  const plain = new URL(url)
  plain.search = ''
  const sql = postgres(plain.href, options)
  try {
    return await sql.unsafe(text)
  } finally {
    await sql.end()
  }
}

describe('the embedded server', { timeout: 60_000 }, () => {
  it('serves every process that joins it and stops after the last one', async () => {
    const first = await joined()
    const second = await joined()
    expect(second.url.href).toBe(first.url.href)
    await first.close(false)
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }])
    await second.close(true)
    expect(await running()).toBeNull()
  })

  it('keeps its rows with checksums and full durability', async () => {
    const server = await joined()
    await query(server.url, 'create table t as select 7 as n')
    const settings = `select name, setting from pg_settings where name in
      ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') order by name`
    const values = (await query(server.url, settings)).map((row) => row['setting'] as string)
    expect(values).toEqual(['on', 'on', 'on', 'on'])
    await server.close(true)
    const again = await joined()
    expect(await query(again.url, 'select n from t')).toEqual([{ n: 7 }])
    await again.close(true)
  })

  it('starts again after it was killed, with everything that was acknowledged', async () => {
    const server = await joined()
    await query(server.url, 'create table t (n int)')
    await query(server.url, 'insert into t values (1)')
    process.kill((await running())?.pid ?? 0, 'SIGKILL')
    const rows = await vi.waitFor(() => query(server.url, 'select n from t'), {
      timeout: 30_000,
      interval: 200,
    })
    expect(rows).toEqual([{ n: 1 }])
    await server.close(true)
  })

  it('ends by itself when its only user is killed, and the next one starts it', async () => {
    const child = spawn(process.execPath, [await program(), home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(40_000) })
    expect(await running()).not.toBeNull()
    child.kill('SIGKILL')
    await ends()
    const server = await joined()
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
    await server.close(true)
  })

  it('starts where another program has the pid of the server that died', async () => {
    const server = await joined()
    await query(server.url, 'create table t (n int)')
    process.kill((await running())?.pid ?? 0, 'SIGKILL')
    await server.close(true)
    const account = serverAccount('nobody')
    const other = spawn('sleep', ['60'], account === null ? {} : { uid: account.uid })
    const pidFile = join(layout().data, 'postmaster.pid')
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n')
    writeFileSync(pidFile, [other.pid, ...rest].join('\n'))
    const again = await joined()
    expect(await query(again.url, 'select n from t')).toEqual([])
    await again.close(true)
    other.kill()
  })

  it('refuses a connection without the password', async () => {
    const server = await joined()
    const wrong = new URL(server.url)
    wrong.password = 'guess'
    await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed')
    expect(statSync(layout().password).mode & 0o777).toBe(0o600)
    expect(statSync(layout().run).mode & 0o777).toBe(0o700)
    await server.close(true)
  })

  it('listens on loopback where the path of a socket would be too long', async () => {
    const long = join(parent, 'x'.repeat(90), 'db')
    mkdirSync(join(long, '..'))
    const server = await joined(long)
    expect(server.url.searchParams.get('host')).toBeNull()
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }])
    await server.close(true)
  })

  it('refuses the home of an older Ferric and names the command that moves it', async () => {
    mkdirSync(home)
    writeFileSync(join(home, 'PG_VERSION'), '17\n')
    await expect(joined()).rejects.toThrow('import-pglite')
  })

  it('refuses the data of another major version and changes nothing', async () => {
    await (await joined()).close(true)
    const version = join(layout().data, 'PG_VERSION')
    writeFileSync(version, '13\n')
    await expect(joined()).rejects.toThrow(/PostgreSQL 13 wrote .* Nothing was changed/)
    expect(readFileSync(version, 'utf8')).toBe('13\n')
  })

  it('says what the server printed when it cannot start', async () => {
    await (await joined()).close(true)
    rmSync(join(layout().data, 'global'), { recursive: true })
    await expect(joined()).rejects.toThrow(/did not start[^]*pg_control/)
  })

  it('starts once when processes come together', async () => {
    const servers = await Promise.all([joined(), joined(), joined()])
    expect(new Set(servers.map(({ url }) => url.href)).size).toBe(1)
    for (const server of servers) await server.close(false)
    await ends()
  })
})
