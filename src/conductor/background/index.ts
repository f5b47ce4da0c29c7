import { allocateWork } from '../allocations.js'
import { heartbeatWork } from '../heartbeat.js'
import { continueInspectionWork } from '../inspection/continue.js'
import { operationWorks } from '../operations/works.js'
import { timeoutWorks } from '../periodic/timeouts.js'
import type { WorkTable } from './types.js'
import { verbWorks } from './verbs.js'

/** Every kind of background work: the `kind` of a `ferric_tasks` row and what is done for it. */
export const works: WorkTable = {
  ...verbWorks,
  ...timeoutWorks,
  ...operationWorks,
  allocate: allocateWork,
  heartbeat: heartbeatWork,
  'continue-inspection': continueInspectionWork,
}
