import type { Route } from '../request.js'
import { chassisRoutes } from './chassis/routes.js'
import { deployTemplateRoutes } from './deploy-templates/routes.js'
import { discoveryRoutes } from './discovery/routes.js'
import { runbookRoutes } from './runbooks/routes.js'

/** All routes, a line per resource. */
export const routes: readonly Route[] = [
  ...discoveryRoutes,
  ...chassisRoutes,
  ...deployTemplateRoutes,
  ...runbookRoutes,
]
