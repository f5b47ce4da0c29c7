import { asc, eq, inArray } from 'drizzle-orm'
import { insertMany, isAmong } from '../../../db/many.js'
import type { DeployTemplateRow, DeployTemplateStepRow } from '../../../db/rows.js'
import { deployTemplates, deployTemplateSteps } from '../../../db/schema/index.js'
import type { Orm, Queryable } from '../../../db/types.js'
import { Conflict, databaseFault, ObjectNotFound } from '../../../errors.js'
import { afterMarker, orderBy, type Page } from '../../paging.js'
import { diffSteps, groupById, type KeptStep } from '../../steps.js'
import { isUuidLike } from '../../../identifiers.js'

export interface TemplateStep extends KeptStep {
  readonly priority: number
}
export interface Template extends DeployTemplateRow {
  readonly steps: readonly DeployTemplateStepRow[]
}

/** @throws ObjectNotFound 404 */
export async function getTemplate(db: Queryable, ident: string): Promise<Template> {
  const column = isUuidLike(ident) ? deployTemplates.uuid : deployTemplates.name
  const [row] = await db.select().from(deployTemplates).where(eq(column, ident)).limit(1)
  if (row === undefined) throw new ObjectNotFound('Deploy template', ident)
  return { ...row, steps: await stepsOf(db, [row.id]) }
}

function stepsOf(db: Queryable, ids: number[]): Promise<DeployTemplateStepRow[]> {
  return db
    .select()
    .from(deployTemplateSteps)
    .where(inArray(deployTemplateSteps.deployTemplateId, ids))
    .orderBy(asc(deployTemplateSteps.id))
}

/** A page of templates with their steps. @throws ObjectNotFound when the marker is unknown */
export async function listTemplates(
  db: Queryable,
  page: Page,
  marker: string | undefined,
): Promise<Template[]> {
  const from = marker === undefined ? undefined : await rowByUuid(db, marker)
  const rows = await db
    .select()
    .from(deployTemplates)
    .where(from && afterMarker(deployTemplates, page, from))
    .orderBy(...orderBy(deployTemplates, page))
    .limit(page.limit)
  const ids = rows.map((r) => r.id)
  const steps = groupById(ids.length === 0 ? [] : await stepsOf(db, ids), (s) => s.deployTemplateId)
  return rows.map((r) => ({ ...r, steps: steps.get(r.id) ?? [] }))
}

async function rowByUuid(db: Queryable, uuid: string): Promise<DeployTemplateRow> {
  const [row] = await db
    .select()
    .from(deployTemplates)
    .where(eq(deployTemplates.uuid, uuid))
    .limit(1)
  if (row === undefined) throw new ObjectNotFound('Deploy template', uuid)
  return row
}

export interface TemplateValues {
  readonly uuid: string
  readonly name: string
  readonly extra: Record<string, unknown>
  readonly steps: readonly TemplateStep[]
}

/** @throws Conflict 409 on a name or UUID that exists */
export async function insertTemplate(
  orm: Orm,
  { steps, ...values }: TemplateValues,
  now: Date,
): Promise<Template> {
  return conflicts(values, () =>
    orm.transaction(async (tx) => {
      const [row] = await tx
        .insert(deployTemplates)
        .values({ ...values, createdAt: now })
        .returning()
      const { id } = row as DeployTemplateRow
      await insertSteps(tx, id, steps, now)
      return { ...(row as DeployTemplateRow), steps: await stepsOf(tx, [id]) }
    }),
  )
}

async function insertSteps(
  db: Queryable,
  deployTemplateId: number,
  steps: readonly TemplateStep[],
  now: Date,
): Promise<void> {
  const rows = steps.map((s) => ({
    deployTemplateId,
    interface: s.interface,
    step: s.step,
    args: s.args,
    priority: s.priority,
    createdAt: now,
  }))
  await insertMany(db, deployTemplateSteps, rows)
}

/**
 * Writes what a patch changed. `updated_at` moves only with the template's own columns.
 * @throws Conflict 409 on a name that exists
 */
export async function updateTemplate(
  orm: Orm,
  before: Template,
  { steps, ...values }: Partial<TemplateValues>,
  now: Date,
): Promise<Template> {
  await conflicts({ name: before.name, uuid: before.uuid, ...values }, () =>
    orm.transaction(async (tx) => {
      if (Object.keys(values).length > 0) {
        await tx
          .update(deployTemplates)
          .set({ ...values, updatedAt: now })
          .where(eq(deployTemplates.id, before.id))
      }
      const { removed, added } = diffSteps(before.steps, steps ?? before.steps, (s) => s.priority)
      if (removed.length > 0) {
        await tx.delete(deployTemplateSteps).where(isAmong(deployTemplateSteps.id, removed))
      }
      await insertSteps(tx, before.id, added, now)
    }),
  )
  return getTemplate(orm, before.uuid)
}

async function conflicts<T>(names: { name: string; uuid: string }, work: () => Promise<T>) {
  try {
    return await work()
  } catch (e) {
    const fault = databaseFault(e)
    if (fault?.code !== '23505') throw e
    const field = fault.constraint?.endsWith('name') === true ? 'name' : 'UUID'
    const value = field === 'name' ? names.name : names.uuid
    throw new Conflict(`A deploy template with ${field} ${value} already exists.`)
  }
}

export async function deleteTemplate(db: Queryable, row: DeployTemplateRow): Promise<void> {
  await db.delete(deployTemplates).where(eq(deployTemplates.id, row.id))
}
