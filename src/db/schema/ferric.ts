import {
  bigserial,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { jsonObject, timestampTz } from '../columns.js'
import { nodes } from './nodes.js'

/**
 * One row per running Ferric process. A reservation or task whose process row is gone or
 * silent has no live holder and may be taken over.
 */
export const processes = pgTable('ferric_processes', {
  id: uuid('id').primaryKey(),
  host: varchar('host', { length: 255 }).notNull(),
  roles: varchar('roles', { length: 64 }).notNull(),
  startedAt: timestampTz('started_at').notNull(),
  heartbeatAt: timestampTz('heartbeat_at').notNull(),
})

/**
 * Asynchronous work, written in the transaction that accepts it. The queue carries only
 * the id; this row is the truth, so a lost or doubled queue message does no harm.
 */
export const tasks = pgTable(
  'ferric_tasks',
  {
    id: uuid('id').primaryKey(),
    kind: varchar('kind', { length: 64 }).notNull(),
    nodeId: integer('node_id').references(() => nodes.id, { onDelete: 'cascade' }),
    args: jsonObject('args').notNull(),
    queue: varchar('queue', { length: 255 }).notNull(),
    state: varchar('state', { length: 16 }).notNull().default('queued'),
    processId: uuid('process_id'),
    attempts: integer('attempts').notNull().default(0),
    requestId: varchar('request_id', { length: 64 }),
    userId: text('user_id'),
    projectId: text('project_id'),
    notBefore: timestampTz('not_before'),
    createdAt: timestampTz('created_at').notNull().defaultNow(),
    startedAt: timestampTz('started_at'),
  },
  (t) => [
    index('ferric_tasks_node_id_idx').on(t.nodeId),
    index('ferric_tasks_state_idx').on(t.state),
    index('ferric_tasks_process_id_idx').on(t.processId),
  ],
)

/** Who holds `nodes.reservation`: written and removed in the same statement as the column. */
export const reservations = pgTable(
  'ferric_reservations',
  {
    nodeId: integer('node_id')
      .primaryKey()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    token: uuid('token').notNull(),
    host: varchar('host', { length: 255 }).notNull(),
    processId: uuid('process_id').notNull(),
    taskId: uuid('task_id'),
    purpose: text('purpose').notNull(),
    since: timestamp('since', { withTimezone: true, mode: 'date', precision: 6 })
      .notNull()
      .defaultNow(),
  },
  (t) => [index('ferric_reservations_process_id_idx').on(t.processId)],
)

/** Who waits for a reservation, the most urgent first: see conductor/lock-queue.ts. */
export const lockWaiters = pgTable(
  'ferric_lock_waiters',
  {
    id: uuid('id').primaryKey(),
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    rank: integer('rank').notNull(),
    since: timestampTz('since').notNull(),
    /** After it the place is nobody's: who waited is gone. */
    until: timestampTz('until').notNull(),
    purpose: text('purpose').notNull(),
  },
  (t) => [index('ferric_lock_waiters_node_id_idx').on(t.nodeId)],
)

/** What happened to a node, in order: the feed under `/ferric/v1/nodes/{id}/timeline`. */
export const timeline = pgTable(
  'ferric_timeline',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    nodeId: integer('node_id')
      .notNull()
      .references(() => nodes.id, { onDelete: 'cascade' }),
    at: timestampTz('at').notNull(),
    kind: varchar('kind', { length: 32 }).notNull(),
    summary: text('summary').notNull(),
    detail: jsonObject('detail').notNull(),
    host: varchar('host', { length: 255 }).notNull(),
  },
  (t) => [
    index('ferric_timeline_node_id_at_idx').on(t.nodeId, t.at, t.id),
    index('ferric_timeline_at_idx').using('brin', t.at),
  ],
)

/** Which process may speak to a BMC: see drivers/bmc/lease-rows.ts. Times are the database's own. */
export const bmcLeases = pgTable('ferric_bmc_leases', {
  /** The BMC as the scheduler names it: `ipmi://10.0.0.1:623`. */
  bmc: text('bmc').primaryKey(),
  processId: uuid('process_id').notNull(),
  /** After it the lease is nobody's, whoever the row names. */
  until: timestampTz('until').notNull(),
  /** When the last command of the processes before this one can have ended. */
  lastEnd: timestampTz('last_end'),
  /** The process that gets it next. */
  wantedBy: uuid('wanted_by'),
})
