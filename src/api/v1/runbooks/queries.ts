import { and, asc, eq, inArray, or, type SQL } from 'drizzle-orm'
import { insertMany, isAmong } from '../../../db/many.js'
import type { RunbookRow, RunbookStepRow } from '../../../db/rows.js'
import { runbooks, runbookSteps, runbookTraits } from '../../../db/schema/index.js'
import type { Orm, Queryable } from '../../../db/types.js'
import { Conflict, databaseFault, Invalid, ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'
import { diffSteps, groupById, type KeptStep } from '../../steps.js'
import { isUuidLike } from '../../../identifiers.js'
import { isLogicalName } from '../../validation/formats.js'

export interface OrderedStep extends KeptStep {
  readonly order: number
}
export interface Runbook extends RunbookRow {
  readonly steps: readonly RunbookStepRow[]
  readonly traits: readonly string[]
}

/** @throws ObjectNotFound 404, Invalid 400 on what can be neither name nor UUID */
export async function getRunbook(db: Queryable, ident: string): Promise<Runbook> {
  if (!isUuidLike(ident) && !isLogicalName(ident)) {
    throw new Invalid(`Expected a logical name or UUID but received ${ident}.`)
  }
  const row = await findRow(db, isUuidLike(ident) ? runbooks.uuid : runbooks.name, ident)
  const [whole] = await withParts(db, [row])
  return whole as Runbook
}

async function findRow(
  db: Queryable,
  column: typeof runbooks.uuid | typeof runbooks.name,
  ident: string,
): Promise<RunbookRow> {
  const [row] = await db.select().from(runbooks).where(eq(column, ident)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Runbook', ident)
  return row
}

/** Adds steps, in the order of their ids, and sorted traits: two statements for a page. */
async function withParts(db: Queryable, rows: RunbookRow[]): Promise<Runbook[]> {
  if (rows.length === 0) return []
  const ids = rows.map((r) => r.id)
  const steps = await db
    .select()
    .from(runbookSteps)
    .where(inArray(runbookSteps.runbookId, ids))
    .orderBy(asc(runbookSteps.id))
  const traits = await db.select().from(runbookTraits).where(inArray(runbookTraits.runbookId, ids))
  const stepsById = groupById(steps, (s) => s.runbookId)
  const traitsById = groupById(traits, (t) => t.runbookId)
  return rows.map((r) => ({
    ...r,
    steps: stepsById.get(r.id) ?? [],
    traits: (traitsById.get(r.id) ?? []).map((t) => t.trait).sort(),
  }))
}

/** What a list is narrowed to: a project's and the public ones, or only the public ones. */
export type RunbookFilter = { readonly project: string } | 'public' | null

/** A page of runbooks. @throws ObjectNotFound when the marker is unknown */
export async function listRunbooks(
  db: Queryable,
  page: Page,
  marker: string | undefined,
  filter: RunbookFilter,
): Promise<Runbook[]> {
  const from = marker === undefined ? undefined : await findRow(db, runbooks.uuid, marker)
  const rows = await db
    .select()
    .from(runbooks)
    .where(and(from && afterMarker(runbooks, page, from), visible(filter)))
    .orderBy(...orderBy(runbooks, page))
    .limit(page.limit)
  return withParts(db, rows)
}

function visible(filter: RunbookFilter): SQL | undefined {
  if (filter === null) return undefined
  const shared = eq(runbooks.public, true)
  return filter === 'public' ? shared : or(shared, eq(runbooks.owner, filter.project))
}

export type RunbookValues = Partial<
  Omit<typeof runbooks.$inferInsert, 'id' | 'createdAt' | 'updatedAt'>
> & { readonly uuid: string; readonly name: string }

/** @throws Conflict 409 on a name or UUID that exists */
export async function insertRunbook(
  orm: Orm,
  values: RunbookValues,
  steps: readonly OrderedStep[],
  now: Date,
): Promise<Runbook> {
  await conflicts(values, () =>
    orm.transaction(async (tx) => {
      const [row] = await tx
        .insert(runbooks)
        .values({ ...values, createdAt: now })
        .returning({ id: runbooks.id })
      if (row !== undefined) await insertSteps(tx, row.id, steps, now)
    }),
  )
  return getRunbook(orm, values.uuid)
}

async function insertSteps(
  db: Queryable,
  runbookId: number,
  steps: readonly OrderedStep[],
  now: Date,
): Promise<void> {
  const rows = steps.map(({ interface: kind, step, args, order }) => ({
    runbookId,
    interface: kind,
    step,
    args,
    order,
    createdAt: now,
  }))
  await insertMany(db, runbookSteps, rows)
}

/**
 * Writes what a patch changed. `updated_at` moves only with the runbook's own columns.
 * @throws Conflict 409 on a name that exists
 */
export async function updateRunbook(
  orm: Orm,
  before: Runbook,
  changed: Partial<RunbookValues>,
  steps: readonly OrderedStep[],
  now: Date,
): Promise<Runbook> {
  await conflicts({ ...before, ...changed }, () =>
    orm.transaction(async (tx) => {
      if (Object.keys(changed).length > 0) {
        const set = { ...changed, updatedAt: now }
        await tx.update(runbooks).set(set).where(eq(runbooks.id, before.id))
      }
      const { removed, added } = diffSteps(before.steps, steps, (s) => s.order)
      if (removed.length > 0) await tx.delete(runbookSteps).where(isAmong(runbookSteps.id, removed))
      await insertSteps(tx, before.id, added, now)
    }),
  )
  return getRunbook(orm, before.uuid)
}

async function conflicts(
  names: { readonly name: string; readonly uuid: string },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (e) {
    const fault = databaseFault(e)
    if (fault?.code !== '23505') throw e
    const byName = fault.constraint?.endsWith('name') === true
    const what = byName ? `name ${names.name}` : `UUID ${names.uuid}`
    throw new Conflict(`A runbook with ${what} already exists.`)
  }
}

export async function deleteRunbook(db: Queryable, row: RunbookRow): Promise<void> {
  await db.delete(runbooks).where(eq(runbooks.id, row.id))
}

/** Adds one trait; one that is there already stays. */
export async function addTrait(db: Queryable, runbookId: number, trait: string): Promise<void> {
  await db.insert(runbookTraits).values({ runbookId, trait }).onConflictDoNothing()
}

/** Puts these traits in the place of all. */
export async function replaceTraits(
  orm: Orm,
  runbookId: number,
  traits: readonly string[],
): Promise<void> {
  await orm.transaction(async (tx) => {
    await tx.delete(runbookTraits).where(eq(runbookTraits.runbookId, runbookId))
    const rows = [...new Set(traits)].map((trait) => ({ runbookId, trait }))
    await insertMany(tx, runbookTraits, rows)
  })
}

/** Removes one trait, or all. One that is not there is no error. */
export async function removeTraits(
  db: Queryable,
  runbookId: number,
  trait: string | undefined,
): Promise<void> {
  const one = trait ? eq(runbookTraits.trait, trait) : undefined
  await db.delete(runbookTraits).where(and(eq(runbookTraits.runbookId, runbookId), one))
}
