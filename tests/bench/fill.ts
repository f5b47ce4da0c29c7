// Tens of thousands of nodes in seconds: one is created by the API, and the database copies its row. What lists
// differ by (name, class, state, extra) is each copy's own.
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { getTableColumns, sql, type SQL } from 'drizzle-orm'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { nodes } from '../../src/db/schema/index.js'
import { silent } from '../_util/silent.js'
import { fakeConf, type ConfChanges } from '../../scripts/peers/conf.mjs'
import { Ferric } from '../_util/peers/ferric.js'
import { root } from '../_util/peers/root.js'
import { servePeers } from '../_util/peers/serve.js'
import { Load } from './load.js'

/** A running server whose nodes are put into its database. */
export type Filled = AsyncDisposable & {
  readonly name: string
  readonly url: string
  /** Adds the nodes with the numbers `from` up to but not `to`; the server answers again when it resolves. */
  fill(from: number, to: number): Promise<void>
}

/** Nothing else is to run while lists are timed. */
const QUIET: ConfChanges = { conductor: { sync_power_state_interval: '0' } }
const TEMPLATE = 'list-0'

const template = {
  driver: 'fake-hardware',
  name: TEMPLATE,
  resource_class: 'class-0',
  properties: { cpus: 8, memory_mb: 16384, local_gb: 200, cpu_arch: 'x86_64' },
  driver_info: { ipmi_address: '127.0.0.1', ipmi_username: 'admin' },
  extra: { rack: 0, unit: 0 },
}

/** Creates the node with the number 0. */
async function createTemplate(url: string): Promise<void> {
  await using load = new Load(url)
  await load.ask('POST', '/nodes', template)
}

/** What is not copied. One in ten is of a class, one in four in a state. */
const own = {
  uuid: `gen_random_uuid()::text`,
  name: `'list-' || n`,
  resource_class: `'class-' || n % 10`,
  provision_state: `(array['enroll', 'manageable', 'available', 'active'])[n % 4 + 1]`,
  extra: `json_build_object('rack', n % 40, 'unit', n % 42)`,
}

function copies(from: number, to: number): SQL {
  const same = Object.values(getTableColumns(nodes))
    .map(({ name }) => name)
    .filter((name) => name !== 'id' && !(name in own))
  return sql.raw(`insert into nodes (${[...Object.keys(own), ...same].join(', ')})
    select ${[...Object.values(own), ...same].join(', ')}
    from nodes, generate_series(${from}, ${to - 1}) n where name = '${TEMPLATE}' order by n`)
}

/** Ferric, which is stopped while its database is filled. */
export async function filledFerric(home: 'embedded' | 'postgres'): Promise<Filled> {
  const server = await Ferric.prepare(home, fakeConf(QUIET))
  await server.start()
  await createTemplate(server.url)
  const connection = server.databaseUrl ?? `embedded://${join(server.dir, 'state', 'db')}`
  const fill = async (from: number, to: number) => {
    await server.end('SIGTERM')
    const config = defaultConfig({ database: { connection } })
    await using db = await openDatabase(config, silent.db)
    await db.orm.execute(copies(from, to))
    // Autovacuum would do this within a minute.
    await db.orm.execute(sql`analyze nodes`)
    await db.close()
    await server.start()
  }
  const end = () => server[Symbol.asyncDispose]()
  return { name: `ferric ${home}`, url: server.url, fill, [Symbol.asyncDispose]: end }
}

/** A real Ironic on SQLite, which is written to beside it. */
export async function filledIronic(peer: 'ironic-debian' | 'ironic-newest'): Promise<Filled> {
  const served = await servePeers([peer], QUIET)
  const [one] = served.peers
  if (!one) throw new Error(`${peer} did not start`)
  await createTemplate(one.url)
  const file = join(dirname(one.log), 'ironic.sqlite')
  const script = join(root, 'tests', 'bench', 'fill_ironic.py')
  const fill = async (from: number, to: number) => {
    const args = [script, file, TEMPLATE, String(from), String(to)]
    await promisify(execFile)('python3', args, { timeout: 120_000 })
  }
  const end = () => served[Symbol.asyncDispose]()
  return { name: peer, url: one.url, fill, [Symbol.asyncDispose]: end }
}
