import {
  getBootDevice,
  getSupportedBootDevices,
  setBootDevice,
} from '../../../../conductor/operations/boot-device.js'
import { mergedArguments, type Handler } from '../../../request.js'
import { pyStr } from '../../../validation/python-repr.js'
import { checkNodePolicy } from '../access.js'
import type { operations } from './contract.gen.js'

export const show: Handler<operations['nodeManagement.showBootDevice']> = async (request) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:get_boot_device', args.node_ident)
  return { body: await getBootDevice(ctx, caller, node.uuid) }
}

export const supported: Handler<operations['nodeManagement.supportedBootDevices']> = async (
  request,
) => {
  const { ctx, caller, args } = request
  const node = await checkNodePolicy(request, 'baremetal:node:get_boot_device', args.node_ident)
  return {
    body: { supported_boot_devices: await getSupportedBootDevices(ctx, caller, node.uuid) },
  }
}

export const set: Handler<operations['nodeManagement.setBootDevice']> = async (request) => {
  const { ctx, caller } = request
  const { node_ident: ident, boot_device: device, persistent } = mergedArguments(request)
  const node = await checkNodePolicy(request, 'baremetal:node:set_boot_device', ident)
  // Null gets as far as the driver, whose refusal names it.
  await setBootDevice(ctx, caller, node.uuid, pyStr(device), persistent ?? false)
  return {}
}
