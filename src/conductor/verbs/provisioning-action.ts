import type { AppContext } from '../../context.js'
import { NodeInMaintenance } from '../../errors.js'
import type { Caller } from '../work/caller.js'
import type { CleanArgs } from '../flows/clean.js'
import { continueFlow } from '../flows/engine.js'
import { serviceFlow } from '../flows/service.js'
import { dropInfo } from '../node/internal-info.js'
import type { NodeTask } from '../node/task.js'
import type { NodeIdent } from '../lock/reservation.js'
import type { Event } from '../state/states.js'
import { automatedSteps } from '../steps/runbook.js'
import { withNode } from '../node/with-node.js'
import { abortIn } from './abort.js'
import { accept } from './accept.js'
import { NodeIsRetired } from './errors.js'

/** The verbs that share one entry (docs/reference/conductor.md 9.1, upstream's do_provisioning_action). */
export type ProvisioningVerb = Extract<Event, 'provide' | 'manage' | 'adopt' | 'abort' | 'unhold'>

/**
 * Accepts a verb, or does it at once where nothing is left to do afterwards.
 * @throws InvalidStateRequested, NodeInMaintenance, NodeIsRetired, InvalidState, NodeLocked, and
 *   what the driver says to abort
 */
export async function provisioningAction(
  ctx: AppContext,
  caller: Caller,
  ident: NodeIdent,
  verb: ProvisioningVerb,
): Promise<void> {
  await withNode(
    ctx,
    caller,
    ident,
    { purpose: `provision action ${verb}`, priority: 'verb' },
    async (task) => {
      const state = task.node.provisionState
      const work = special(verb, state)
      if (work !== null) return await work(task)
      accept(task, verb)
      await task.save()
    },
  )
}

function special(
  verb: ProvisioningVerb,
  state: string,
): ((task: NodeTask) => Promise<void>) | null {
  switch (verb) {
    case 'provide':
      return state === 'manageable' ? provide : null
    case 'manage':
      return state === 'enroll' ? verify : null
    case 'adopt':
      return state === 'manageable' || state === 'adopt failed' ? adopt : null
    case 'abort':
      return abortIn(state)
    case 'unhold':
      if (state === 'clean hold') return releaseCleaning
      return state === 'service hold' ? releaseService : null
  }
}

async function provide(task: NodeTask): Promise<void> {
  const { node, ctx } = task
  if (!ctx.config.conductor.allow_provisioning_in_maintenance && node.maintenance) {
    throw new NodeInMaintenance('providing', node.uuid)
  }
  if (node.retired) throw new NodeIsRetired('providing', node.uuid)
  const { steps, disableRamdisk } = await automatedSteps(task)
  task.transition('provide', { callback: true })
  dropInfo(node, ['clean_step_index'])
  const args: CleanArgs = { steps, disableRamdisk, manual: false }
  await task.spawn('clean', args)
}

async function verify(task: NodeTask): Promise<void> {
  task.transition('manage', { callback: true })
  await task.spawn('verify')
}

async function adopt(task: NodeTask): Promise<void> {
  task.transition('adopt', { callback: true })
  await task.spawn('adopt')
}

/** The next heartbeat goes on; a manual clean still heads for manageable (upstream forgets it). */
async function releaseCleaning(task: NodeTask): Promise<void> {
  const manual = task.node.targetProvisionState === 'manageable'
  task.transition('unhold', manual ? { target: 'manageable' } : {})
  await task.save()
}

/** Servicing needs no heartbeat to go on; unlike upstream it leaves the wait state properly. */
async function releaseService(task: NodeTask): Promise<void> {
  task.transition('unhold', { callback: true })
  await continueFlow(task, serviceFlow)
}

type Act = (ctx: AppContext, caller: Caller, ident: NodeIdent) => Promise<void>
const action =
  (verb: ProvisioningVerb): Act =>
  (ctx, caller, ident) =>
    provisioningAction(ctx, caller, ident, verb)

export const provideNode = action('provide')
export const manageNode = action('manage')
export const adoptNode = action('adopt')
export const abortNode = action('abort')
export const unholdNode = action('unhold')
