import type { JsonObject } from '../../db/columns.js'
import type { PowerTarget } from '../../drivers/interfaces.js'
import { abortClean, cleanFlow, runClean, type CleanArgs } from '../flows/clean.js'
import { abortDeploy, deployFlow, runDeploy } from '../flows/deploy.js'
import { continueFlow, continueSteps } from '../flows/engine.js'
import { runInspect } from '../flows/inspect.js'
import { runRescue, runRescueAbort, runUnrescue } from '../flows/rescue.js'
import { abortService, runService, serviceFlow, type ServiceArgs } from '../flows/service.js'
import { runAdoption, takeOver } from '../flows/take-over.js'
import { runTearDown } from '../flows/tear-down.js'
import { runVerify } from '../flows/verify.js'
import type { StepFlow } from '../flows/types.js'
import type { NodeTask } from '../node/task.js'
import type { NodeWork, WorkTable } from '../work/types.js'

const handed = (method: string, run: NodeWork['run']): NodeWork => ({ lock: 'handed', method, run })
const patient = (flow: StepFlow, method: string): NodeWork => ({
  lock: 'patient',
  method,
  run: (task) => continueFlow(task, flow),
})
/** The work behind the verbs. */
export const verbWorks: WorkTable = {
  deploy: { ...handed('do_node_deploy', runDeploy), giveUp: giveUpFlow(deployFlow) },
  'deploy-steps': {
    ...handed('continue_node_deploy', (task, args) => continueSteps(task, deployFlow, args)),
    giveUp: giveUpFlow(deployFlow),
  },
  'deploy-abort': handed('do_node_deploy_abort', abortDeploy),
  'tear-down': handed('_do_node_tear_down', runTearDown),
  clean: {
    ...handed('do_node_clean', (task, args) => runClean(task, args as CleanArgs)),
    giveUp: giveUpFlow(cleanFlow),
  },
  'clean-steps': {
    ...handed('continue_node_clean', (task, args) => continueSteps(task, cleanFlow, args)),
    giveUp: giveUpFlow(cleanFlow),
  },
  'clean-abort': handed('do_node_clean_abort', abortClean),
  service: {
    ...handed('do_node_service', (task, args) => runService(task, args as ServiceArgs)),
    giveUp: giveUpFlow(serviceFlow),
  },
  'service-steps': {
    ...handed('continue_node_service', (task, args) => continueSteps(task, serviceFlow, args)),
    giveUp: giveUpFlow(serviceFlow),
  },
  'service-abort': handed('do_node_service_abort', abortService),
  verify: handed('do_node_verify', runVerify),
  inspect: handed('inspect_hardware', runInspect),
  adopt: handed('_do_adoption', runAdoption),
  'take-over': handed('_do_takeover', takeOver),
  rescue: handed('_do_node_rescue', runRescue),
  unrescue: handed('_do_node_unrescue', runUnrescue),
  'rescue-abort': handed('_do_node_rescue_abort', runRescueAbort),
  power: handed('node_power_action', runPower),
  'continue-deploy': patient(deployFlow, 'continue_node_deploy'),
  'continue-clean': patient(cleanFlow, 'continue_node_clean'),
  'continue-service': patient(serviceFlow, 'continue_node_service'),
}

/** A reboot that was cut short may have happened: it is not done a second time. */
async function runPower(task: NodeTask, args: JsonObject): Promise<void> {
  const target = args['target'] as PowerTarget
  const timeout = typeof args['timeout'] === 'number' ? args['timeout'] : undefined
  const again = task.attempt > 1 && (target === 'rebooting' || target === 'soft rebooting')
  if (again) {
    task.node.targetPowerState = null
    task.node.lastError = 'Pending power operation was aborted due to conductor restart'
    return
  }
  await task.powerAction(target, timeout)
}

function giveUpFlow(flow: StepFlow): NonNullable<NodeWork['giveUp']> {
  return (task, reason) => flow.fail(task, reason)
}
