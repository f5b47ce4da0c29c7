import { count, desc, sql } from 'drizzle-orm'
import { nodes } from '../../../db/schema/index.js'
import type { Queryable } from '../../../db/types.js'

/** Shards and how many nodes each has, the biggest first; null for nodes without one. */
export function countShards(db: Queryable): Promise<{ name: string | null; count: number }[]> {
  return db
    .select({ name: nodes.shard, count: count() })
    .from(nodes)
    .groupBy(nodes.shard)
    .orderBy((s) => [desc(s.count), sql`${s.name} collate "C" nulls first`])
}
