/** Applies inspection rules to what a ramdisk found (docs/reference/conductor.md 13.6). */
import { readFile } from 'node:fs/promises'
import { asc } from 'drizzle-orm'
import { parse } from 'yaml'
import type { AppContext } from '../../../context.js'
import { inspectionRules } from '../../../db/schema/index.js'
import { IronicError } from '../../../errors.js'
import type { NodeTask } from '../../node/task.js'
import { isObject, type Plain } from '../plain.js'
import { act } from './actions.js'
import { nodeColumns, wireFields } from './attributes.js'
import { reasonOf, RuleFailed } from './failure.js'
import type { RuleData } from './interpolate.js'
import { conditionsHold } from './sandboxed.js'
import { validateRule, type RuleStep } from './validate.js'

export interface Rule {
  readonly uuid: string
  readonly priority: number
  readonly sensitive: boolean
  readonly conditions: readonly RuleStep[]
  readonly actions: readonly RuleStep[]
}

/**
 * Applies the rules of phase `main`, highest priority first. The node changes in memory; ports and
 * traits are stored at once.
 * @throws RuleFailed, Invalid, ObjectNotFound: the inspection has failed
 */
export async function applyRules(
  task: NodeTask,
  inventory: Plain,
  pluginData: Plain,
): Promise<void> {
  const rules = [...(await storedRules(task.ctx)), ...(await builtInRules(task.ctx))]
  const mode = task.ctx.config.inspection_rules.mask_secrets
  for (const rule of rules.toSorted((a, b) => b.priority - a.priority)) {
    const mask = mode === 'always' || (mode === 'sensitive' && !rule.sensitive)
    const data = (): RuleData => ({
      node: wireFields(nodeColumns, task.node),
      inventory,
      pluginData,
      mask,
    })
    await applyRule(task, rule, data)
  }
}

/** @throws RuleFailed, which names the rule where Python's own words would be all there is */
async function applyRule(task: NodeTask, rule: Rule, data: () => RuleData): Promise<void> {
  const { node, ctx, signal } = task
  try {
    if (!(await conditionsHold(rule.conditions, data(), signal))) return
    ctx.log.inspection.info({ rule: rule.uuid, node: node.uuid }, 'an inspection rule applies')
    for (const action of rule.actions) await act(task, action, data)
  } catch (e) {
    if (signal.aborted || e instanceof RuleFailed || e instanceof IronicError) throw e
    throw new RuleFailed(`Failed to apply rule ${rule.uuid} to node ${node.uuid}: ${reasonOf(e)}`)
  }
}

async function storedRules(ctx: AppContext): Promise<Rule[]> {
  const rows = await ctx.db.orm.select().from(inspectionRules).orderBy(asc(inspectionRules.id))
  return rows
    .filter((r) => r.phase === 'main')
    .map((r) => ({
      uuid: r.uuid,
      priority: r.priority,
      sensitive: r.sensitive ?? false,
      conditions: (r.conditions ?? []) as RuleStep[],
      actions: r.actions as RuleStep[],
    }))
}

/** The rules of `[inspection_rules] built_in_rules`. @throws RuleFailed when the file is no good */
async function builtInRules(ctx: AppContext): Promise<Rule[]> {
  const file = ctx.config.inspection_rules.built_in_rules
  if (!file) return []
  try {
    return readRules(
      parse(await readFile(file, { encoding: 'utf8', signal: AbortSignal.timeout(10_000) })),
      file,
    )
  } catch (e) {
    throw new RuleFailed(`Error loading built-in rules from ${file}: ${(e as Error).message}`)
  }
}

/**
 * Checks and numbers the rules of a file.
 * @throws RuleFailed, Invalid
 */
export function readRules(document: unknown, file: string): Rule[] {
  if (!Array.isArray(document)) {
    throw new RuleFailed(`Built-in rules file (${file}) should contain a list of rules`)
  }
  let unnamed = 0
  return (document as unknown[]).map((given) => {
    const rule = isObject(given) ? given : {}
    const actions = (rule['actions'] ?? []) as RuleStep[]
    const conditions = (rule['conditions'] ?? []) as RuleStep[]
    const priority = Number(rule['priority'] ?? 0)
    const phase = (rule['phase'] ?? 'main') as string
    validateRule({ actions, conditions, priority, phase }, true)
    const uuid =
      rule['uuid'] ?? `00000000-0000-0000-0000-${(unnamed++).toString(16).padStart(12, '0')}`
    return {
      uuid: uuid as string,
      priority,
      sensitive: rule['sensitive'] === true,
      conditions,
      actions,
    }
  })
}
