/** A database with fake machines in it and an API before it, for tests of what nodes have. */
import { eq } from 'drizzle-orm'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import { conductors, nodes } from '../../src/db/schema/index.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { addNode, registerHost, testBed, type Bed } from '../conductor/_harness.js'
import { apiClient, type Reply } from './api.js'
import { testDatabase } from './database.js'

export interface Inventory extends AsyncDisposable {
  readonly ctx: Bed
  readonly send: ReturnType<typeof apiClient>
  /** A fake-hardware node. */
  node(values?: Partial<NodeInsert>): Promise<NodeRow>
  setNode(id: number, values: Partial<NodeInsert>): Promise<void>
  /** Removes the nodes and all they have. */
  clear(): Promise<void>
}

export async function inventory(): Promise<Inventory> {
  const db = await testDatabase()
  const bed = await testBed(db)
  const ctx: Bed = { ...bed, drivers: await createDriverRegistry(bed.config, bed.log.drivers) }
  await db.orm.delete(conductors)
  await registerHost(ctx)
  return {
    ctx,
    send: apiClient(ctx),
    node: (values) => addNode(ctx, { networkInterface: 'noop', ...values }),
    setNode: async (id, values) => {
      await db.orm.update(nodes).set(values).where(eq(nodes.id, id))
    },
    clear: async () => {
      await db.orm.delete(nodes)
    },
    [Symbol.asyncDispose]: () => db.close(),
  }
}

/** What a test says of an answer: its status and, for a refusal, its text. */
export const outcome = (reply: Reply): [number, string | undefined] => [reply.status, reply.fault]
