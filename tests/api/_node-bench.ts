import { eq } from 'drizzle-orm'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { defaultConfig, type ConfigOverrides } from '../../src/config/index.js'
import { silent } from '../_util/silent.js'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import { conductorHardwareInterfaces, conductors, nodes } from '../../src/db/schema/index.js'
import { apiClient, type Reply } from '../_util/api.js'
import { testDatabase } from '../_util/database.js'
import { addNode, drain, testBed, type Bed } from '../conductor/_harness.js'

/** An API over a database with one conductor that serves fake-hardware; work runs when told. */
export interface Bench extends AsyncDisposable {
  readonly ctx: Bed
  readonly send: ReturnType<typeof apiClient>
  add(values?: Partial<NodeInsert>): Promise<NodeRow>
  read(node: NodeRow): Promise<NodeRow>
  change(node: NodeRow, values: Partial<NodeInsert>): Promise<void>
  /** Works through the queue. */
  settle(): Promise<void>
}

export async function openBench(config: ConfigOverrides = {}): Promise<Bench> {
  const db = await testDatabase()
  const drivers = await createDriverRegistry(defaultConfig(config), silent.drivers)
  const ctx = await testBed(db, { drivers, config })
  await register(ctx)
  const fakes = Object.fromEntries(
    interfaceKinds.map((k) => [`${k}Interface`, drivers.defaultFor('fake-hardware', k)]),
  )
  return {
    ctx,
    send: apiClient(ctx),
    add: (values) => addNode(ctx, { ...fakes, ...values }),
    read: async (node) => {
      const [row] = await db.orm.select().from(nodes).where(eq(nodes.id, node.id))
      return row as NodeRow
    },
    change: async (node, values) => {
      await db.orm.update(nodes).set(values).where(eq(nodes.id, node.id))
    },
    settle: () => drain(ctx),
    [Symbol.asyncDispose]: () => db.close(),
  }
}

async function register(ctx: Bed): Promise<void> {
  const [row] = await ctx.db.orm
    .insert(conductors)
    .values({
      hostname: ctx.host,
      online: true,
      drivers: ['fake-hardware'],
      updatedAt: ctx.clock.now(),
    })
    .returning()
  const rows = interfaceKinds.flatMap((kind) =>
    ctx.drivers.enabled('fake-hardware', kind).map((name) => ({
      conductorId: row?.id ?? 0,
      hardwareType: 'fake-hardware',
      interfaceType: kind,
      interfaceName: name,
      default: name === ctx.drivers.defaultFor('fake-hardware', kind),
    })),
  )
  await ctx.db.orm.insert(conductorHardwareInterfaces).values(rows)
}

/** Status and text, for tables of refusals. */
export const answer = (reply: Reply): [number, string | undefined] => [reply.status, reply.fault]
