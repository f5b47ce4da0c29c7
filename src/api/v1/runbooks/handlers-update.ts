import { Invalid, PatchError } from '../../../errors.js'
import { covers } from '../../contract/versions.js'
import { checkPatchable, patchDocument, type Patch } from '../../patch.js'
import type { Handler } from '../../request.js'
import { checkPatchedSteps } from '../../steps.js'
import type { Schema } from '../../validation/json-schema.js'
import { pyRepr } from '../../validation/python-repr.js'
import { checkedRunbook, checkStepRules } from './access.js'
import type { operations } from './contract.gen.js'
import * as queries from './queries.js'
import { runbookSerializer } from './serialize.js'

const patchable = [
  'disable_ramdisk',
  'extra',
  'name',
  'owner',
  'public',
  'steps',
  'description',
] as const

export const update: Handler<operations['runbooks.update']> = async (request) => {
  const { ctx, auth, args, contract, minor } = request
  const patch = request.body as Patch
  const known = contract.fields('Runbook').filter((f) => covers(f, minor))
  checkPatchable(
    patch,
    patchable.filter((p) => known.some((f) => f.name === p)),
  )
  const row = await checkedRunbook(request, args.runbook_ident, rulesOf(patch))
  refuseOwnedPublic(row, patch)
  const patched = patchDocument(documentOf(row, patch), patch)
  const after = checkPatchedSteps(
    patched,
    patchSchema(contract.schema('RunbookCreate'), contract.schema('RunbookName')),
    strictStep(contract.schema('RunbookStep')),
  )
  const steps = numbered(after['steps'] as queries.OrderedStep[])
  if (patch.some((p) => /^\/steps(\/|$)/.test(p.path))) checkStepRules(auth, steps)
  const updated = await queries.updateRunbook(
    ctx.db.orm,
    row,
    changesOf(row, after),
    steps,
    ctx.clock.now(),
  )
  return { body: runbookSerializer(request)(updated) }
}

/** Owner and publicity have rules of their own; everything else, and nothing, is one. */
function rulesOf(patch: Patch): string[] {
  const special = patch.map((p) => /^\/(owner|public)/.exec(p.path)?.[1])
  const rules = special.filter((s) => s !== undefined).map((s) => `baremetal:runbook:update:${s}`)
  return rules.length === 0 || special.includes(undefined)
    ? [...rules, 'baremetal:runbook:update']
    : rules
}

const valuesAt = (patch: Patch, path: string) =>
  patch.filter((p) => p.path === path && p.op !== 'remove').map((p) => p.value)

/** @throws PatchError 400 when a runbook would be public and owned */
function refuseOwnedPublic(row: queries.Runbook, patch: Patch): void {
  if (valuesAt(patch, '/owner').length === 0) return
  const wanted = valuesAt(patch, '/public')
  const isPublic = wanted.length === 0 ? row.public === true : Boolean(wanted[0])
  if (isPublic) {
    throw new PatchError(pyRepr(patch), 'There cannot be an owner for a public runbook')
  }
}

/** The runbook as a patch sees it. A change of publicity drops the owner first. */
function documentOf(row: queries.Runbook, patch: Patch): Record<string, unknown> {
  return {
    uuid: row.uuid,
    name: row.name,
    description: row.description,
    public: row.public,
    owner: valuesAt(patch, '/public').length > 0 ? null : row.owner,
    disable_ramdisk: row.disableRamdisk,
    extra: row.extra ?? {},
    steps: row.steps,
  }
}

/** Names of all versions are patched by the newest rule, so that old versions can patch them. */
const patchSchema = (create: Schema, name: Schema): Schema => ({
  ...create,
  properties: { ...(create['properties'] as Schema), name },
})

/** A patch says steps in full; upstream crashes on anything less. */
const strictStep = (step: Schema): Schema => ({
  ...step,
  required: [...(step['required'] as string[]), 'args'],
})

/** @throws Invalid 400 on an order given as text, on which upstream crashes */
function numbered(steps: queries.OrderedStep[]): queries.OrderedStep[] {
  const bad = steps.find((s) => typeof s.order !== 'number')
  if (bad === undefined) return steps
  throw new Invalid(`Schema error for patch: ${pyRepr(bad.order)} is not of type 'integer'`)
}

function changesOf(
  row: queries.Runbook,
  after: Readonly<Record<string, unknown>>,
): Partial<queries.RunbookValues> {
  const wanted = {
    name: after['name'] as string,
    description: (after['description'] ?? null) as string | null,
    public: (after['public'] ?? false) as boolean,
    owner: (after['owner'] ?? null) as string | null,
    disableRamdisk: (after['disable_ramdisk'] ?? false) as boolean,
    extra: (after['extra'] ?? {}) as Record<string, unknown>,
  }
  const differs = (k: keyof typeof wanted) =>
    JSON.stringify(wanted[k]) !== JSON.stringify(k === 'extra' ? (row.extra ?? {}) : row[k])
  const keys = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(differs)
  return Object.fromEntries(keys.map((k) => [k, wanted[k]]))
}
