import { route, type Route } from '../../../request.js'
import * as bootDevice from './boot-device.js'
import type { operations } from './contract.gen.js'
import * as indicators from './indicators.js'
import { injectNmi } from './inject-nmi.js'

type Ops = operations

export const nodeManagementRoutes: readonly Route[] = [
  route<Ops['nodeManagement.showBootDevice']>('nodeManagement.showBootDevice', bootDevice.show),
  route<Ops['nodeManagement.setBootDevice']>('nodeManagement.setBootDevice', bootDevice.set),
  route<Ops['nodeManagement.supportedBootDevices']>(
    'nodeManagement.supportedBootDevices',
    bootDevice.supported,
  ),
  route<Ops['nodeManagement.injectNmi']>('nodeManagement.injectNmi', injectNmi),
  route<Ops['nodeManagement.listIndicators']>('nodeManagement.listIndicators', indicators.list),
  route<Ops['nodeManagement.showIndicator']>('nodeManagement.showIndicator', indicators.show),
  route<Ops['nodeManagement.setIndicator']>('nodeManagement.setIndicator', indicators.set),
]
