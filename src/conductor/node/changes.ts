import { getTableColumns } from 'drizzle-orm'
import type { NodeRow, NodeUpdate } from '../../db/rows.js'
import { nodes } from '../../db/schema/index.js'
import type { MutableNode } from '../../drivers/interfaces.js'

const columns = Object.entries(getTableColumns(nodes)).map(
  ([key, column]) => [key as keyof NodeRow, column.dataType] as const,
)
/** Never written through a working copy: the lock and the row's own keeping. */
const untouchable = new Set<keyof NodeRow>(['id', 'reservation', 'createdAt', 'updatedAt'])

/** What a row looked like when it was read. JSON is kept as text, so in-place edits show. */
export class NodeSnapshot {
  readonly #seen = new Map<keyof NodeRow, unknown>()

  constructor(row: NodeRow) {
    for (const [key, type] of columns) this.#seen.set(key, comparable(row[key], type))
  }

  /** The columns in which the working copy differs. */
  changes(node: MutableNode): NodeUpdate {
    const out: Record<string, unknown> = {}
    for (const [key, type] of columns) {
      if (untouchable.has(key)) continue
      if (comparable(node[key], type) !== this.#seen.get(key)) out[key] = node[key]
    }
    return out
  }
}

function comparable(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null
  if (type === 'json') return JSON.stringify(value)
  return value instanceof Date ? value.getTime() : value
}
