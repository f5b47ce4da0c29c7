import type { Route } from '../request.js'
import { allocationRoutes } from './allocations/routes.js'
import { chassisRoutes } from './chassis/routes.js'
import { conductorRoutes } from './conductors/routes.js'
import { driverRoutes } from './drivers/routes.js'
import { nodeBiosRoutes } from './node-bios/routes.js'
import { nodeChildrenRoutes } from './node-children/routes.js'
import { nodeFirmwareRoutes } from './node-firmware/routes.js'
import { nodeHistoryRoutes } from './node-history/routes.js'
import { nodeInventoryRoutes } from './node-inventory/routes.js'
import { nodeMaintenanceRoutes } from './node-maintenance/routes.js'
import { nodeManagementRoutes } from './node-management/routes.js'
import { nodeProvisionRoutes } from './node-provision/routes.js'
import { nodeStatesRoutes } from './node-states/routes.js'
import { nodeTraitsRoutes } from './node-traits/routes.js'
import { nodeValidateRoutes } from './node-validate/routes.js'
import { nodeVendorRoutes } from './node-vendor/routes.js'
import { nodeVifsRoutes } from './node-vifs/routes.js'
import { nodeVmediaRoutes } from './node-vmedia/routes.js'
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
