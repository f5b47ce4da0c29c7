import type { Route } from '../request.js'
import { allocationRoutes } from './allocations/routes.js'
import { chassisRoutes } from './chassis/routes.js'
import { conductorRoutes } from './conductors/routes.js'
import { driverRoutes } from './drivers/routes.js'
import { nodeBiosRoutes } from './nodes/bios/routes.js'
import { nodeChildrenRoutes } from './nodes/children/routes.js'
import { nodeFirmwareRoutes } from './nodes/firmware/routes.js'
import { nodeHistoryRoutes } from './nodes/history/routes.js'
import { nodeInventoryRoutes } from './nodes/inventory/routes.js'
import { nodeMaintenanceRoutes } from './nodes/maintenance/routes.js'
import { nodeManagementRoutes } from './nodes/management/routes.js'
import { nodeProvisionRoutes } from './nodes/provision/routes.js'
import { nodeStatesRoutes } from './nodes/states/routes.js'
import { nodeTraitsRoutes } from './nodes/traits/routes.js'
import { nodeValidateRoutes } from './nodes/validate/routes.js'
import { nodeVendorRoutes } from './nodes/vendor/routes.js'
import { nodeVifsRoutes } from './nodes/vifs/routes.js'
import { nodeVmediaRoutes } from './nodes/vmedia/routes.js'
import { deployTemplateRoutes } from './deploy-templates/routes.js'
import { discoveryRoutes } from './discovery/routes.js'
import { eventRoutes } from './events/routes.js'
import { inspectionRuleRoutes } from './inspection-rules/routes.js'
import { ramdiskRoutes } from './ramdisk/routes.js'
import { runbookRoutes } from './runbooks/routes.js'
import { portgroupRoutes } from './portgroups/routes.js'
import { portRoutes } from './ports/routes.js'
import { shardRoutes } from './shards/routes.js'
import { volumeRoutes } from './volume/routes.js'
import { timelineRoutes } from './timeline/routes.js'
import { nodeRoutes } from './nodes/routes.js'

/** All routes, a line per resource. */
export const routes: readonly Route[] = [
  ...discoveryRoutes,
  ...chassisRoutes,
  ...allocationRoutes,
  ...deployTemplateRoutes,
  ...runbookRoutes,
  ...ramdiskRoutes,
  ...inspectionRuleRoutes,
  ...conductorRoutes,
  ...driverRoutes,
  ...nodeBiosRoutes,
  ...nodeChildrenRoutes,
  ...nodeFirmwareRoutes,
  ...nodeHistoryRoutes,
  ...nodeInventoryRoutes,
  ...nodeMaintenanceRoutes,
  ...nodeManagementRoutes,
  ...nodeProvisionRoutes,
  ...nodeStatesRoutes,
  ...nodeTraitsRoutes,
  ...nodeValidateRoutes,
  ...nodeVendorRoutes,
  ...nodeVifsRoutes,
  ...nodeVmediaRoutes,
  ...portRoutes,
  ...portgroupRoutes,
  ...volumeRoutes,
  ...shardRoutes,
  ...eventRoutes,
  ...timelineRoutes,
  ...nodeRoutes,
]
