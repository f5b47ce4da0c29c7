import type { VendorInterface } from '../interfaces.js'
import { refuse } from '../support.js'

export const noVendor: VendorInterface = {
  name: 'no-vendor',
  kind: 'vendor',
  properties: {},
  nodeMethods: {},
  driverMethods: {},
  validate: refuse('vendor'),
  validateMethod: refuse('vendor'),
}
