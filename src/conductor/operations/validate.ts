import { maskUrls } from '../../mask.js'
import { errorText } from '../../error-text.js'
import type { AppContext } from '../../context.js'
import type { InterfaceKind } from '../../drivers/interfaces.js'
import { Invalid } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import { validateInstanceTraits } from '../node/instance-traits.js'
import type { NodeTask } from '../node/task.js'
import { validateDeploySteps } from '../steps/templates.js'
import { withNode } from '../node/with-node.js'

export interface ValidationResult {
  readonly result: boolean
  readonly reason?: string
}
export type Validations = Partial<Record<InterfaceKind, ValidationResult>>

/** Upstream's order; the vendor interface is not asked. */
const order = [
  'boot',
  'deploy',
  'management',
  'network',
  'power',
  'bios',
  'console',
  'firmware',
  'inspect',
  'raid',
  'rescue',
  'storage',
] as const

/** Asks every interface of a node whether the node's data suffices. Touches no hardware. */
export async function validateInterfaces(
  ctx: AppContext,
  caller: Caller,
  nodeUuid: string,
): Promise<Validations> {
  const options = { purpose: 'driver interface validation', shared: true }
  return await withNode(ctx, caller, nodeUuid, options, async (task) => {
    const results: Validations = {}
    for (const kind of order) results[kind] = await validateOne(task, kind)
    return results
  })
}

async function validateOne(task: NodeTask, kind: InterfaceKind): Promise<ValidationResult> {
  try {
    await task.driver[kind].validate(task)
    if (kind === 'deploy') {
      await validateInstanceTraits(task)
      // The ramdisk does not run, so its steps are not known and not missed.
      await validateDeploySteps(task, null, true)
    }
    return { result: true }
  } catch (error) {
    task.signal.throwIfAborted()
    const text = maskUrls(errorText(error))
    if (error instanceof Invalid) return { result: false, reason: text }
    task.ctx.log.conductor.error(
      { error, node: task.node.uuid, kind },
      'validating an interface failed',
    )
    return {
      result: false,
      reason: `Unexpected exception, traceback saved into log by ironic conductor service that is running on ${task.ctx.host}: ${text}`,
    }
  }
}
