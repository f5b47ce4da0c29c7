import { route, type Route } from '../../request.js'
import type { operations } from './contract.gen.js'
import { inspectionData } from './handlers-inspection.js'
import * as handlers from './handlers.js'

export const ramdiskRoutes: readonly Route[] = [
  route<operations['ramdisk.lookup']>('ramdisk.lookup', handlers.lookup),
  route<operations['ramdisk.heartbeat']>('ramdisk.heartbeat', handlers.heartbeat),
  route<operations['ramdisk.heartbeatUnaddressed']>(
    'ramdisk.heartbeatUnaddressed',
    handlers.heartbeat,
  ),
  route<operations['ramdisk.continueInspection']>('ramdisk.continueInspection', inspectionData),
]
