import { asc, eq } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import { deployTemplates, deployTemplateSteps } from '../../db/schema/index.js'
import type { Step, Task } from '../../drivers/interfaces.js'
import { infoOf } from '../node/internal-info.js'
import { driverSteps, sortSteps, stepId } from './collect.js'
import { validateSteps, withoutDisallowed } from './validate.js'

/** The list of a deployment: what the user asks, what templates add, what the driver does. */

interface TemplateSteps {
  readonly names: readonly string[]
  readonly steps: readonly Step[]
}

/** Templates are chosen by name: an instance trait of the same name. */
async function matchingTemplates(task: Task): Promise<TemplateSteps> {
  const traits = task.node.instanceInfo?.['traits']
  if (!Array.isArray(traits) || traits.length === 0) return { names: [], steps: [] }
  const found = await task.ctx.db.orm
    .select({
      name: deployTemplates.name,
      interface: deployTemplateSteps.interface,
      step: deployTemplateSteps.step,
      args: deployTemplateSteps.args,
      priority: deployTemplateSteps.priority,
    })
    .from(deployTemplates)
    .leftJoin(deployTemplateSteps, eq(deployTemplateSteps.deployTemplateId, deployTemplates.id))
    .where(isAmong(deployTemplates.name, traits.map(String)))
    .orderBy(asc(deployTemplates.id), asc(deployTemplateSteps.id))
  const steps = found.flatMap(({ name: _name, ...s }) =>
    s.interface === null || s.step === null
      ? []
      : [{ interface: s.interface, step: s.step, args: s.args ?? {}, priority: s.priority ?? 0 }],
  )
  return { names: [...new Set(found.map((f) => f.name))], steps }
}

async function templateSteps(task: Task, skipMissing: boolean): Promise<Step[]> {
  const { names, steps } = await matchingTemplates(task)
  const prefix = `Validation of deploy steps from deploy templates matching this node's instance traits failed. Matching deploy templates: ${names.join(',')}. Errors: `
  return await validateSteps(task, 'deploy', steps, { skipMissing, prefix })
}

async function userSteps(
  task: Task,
  given: readonly Step[] | null,
  skipMissing: boolean,
): Promise<Step[]> {
  const kept = infoOf(task.node)['user_deploy_steps']
  const steps = given?.length ? given : Array.isArray(kept) ? (kept as Step[]) : []
  const prefix = 'Validation of deploy steps from "deploy steps" argument failed.'
  return await validateSteps(task, 'deploy', steps, { skipMissing, prefix })
}

/**
 * Checks what templates and the user ask of a deployment.
 * @param skipMissing before the ramdisk runs: its steps are not known yet
 * @throws InvalidParameterValue
 */
export async function validateDeploySteps(
  task: Task,
  given: readonly Step[] | null,
  skipMissing: boolean,
): Promise<void> {
  await templateSteps(task, skipMissing)
  await userSteps(task, given, skipMissing)
}

/**
 * The steps of a deployment in order (docs/reference/conductor.md 11.3).
 * @throws InvalidParameterValue
 */
export async function deploymentSteps(task: Task, skipMissing: boolean): Promise<Step[]> {
  const asked = await userSteps(task, null, skipMissing)
  const named = new Set(asked.map(stepId))
  const added = (await templateSteps(task, skipMissing)).filter((s) => !named.has(stepId(s)))
  const wanted = [...asked, ...added]
  const overridden = new Set(wanted.map(stepId))
  const own = await driverSteps(task, 'deploy', { enabled: true, sort: false })
  const list = [
    ...own.filter((step) => !overridden.has(stepId(step))),
    ...wanted.filter((step) => (step.priority ?? 0) > 0),
  ]
  return withoutDisallowed(task, 'deploy', sortSteps('deploy', list))
}
