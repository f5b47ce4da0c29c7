import { allocateWork } from './allocations/allocate.js'
import { heartbeatWork } from './ramdisk/heartbeat.js'
import { continueInspectionWork } from './inspection/continue.js'
import { operationWorks } from './operations/works.js'
import { timeoutWorks } from './periodic/timeouts.js'
import type { WorkTable } from './work/types.js'
import { verbWorks } from './verbs/works.js'

/** Every kind of background work: the `kind` of a `ferric_tasks` row and what is done for it. */
export const works: WorkTable = {
  ...verbWorks,
  ...timeoutWorks,
  ...operationWorks,
  allocate: allocateWork,
  heartbeat: heartbeatWork,
  'continue-inspection': continueInspectionWork,
}
