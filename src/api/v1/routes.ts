import type { Route } from '../request.js'
import { chassisRoutes } from './chassis/routes.js'

/** All routes, a line per resource. */
export const routes: readonly Route[] = [...chassisRoutes]
