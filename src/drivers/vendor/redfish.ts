import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { isTruthy } from '../driver-info/fields.js'
import { validateRedfish } from '../driver-info/redfish.js'
import type { VendorInterface } from '../interfaces.js'
import { pythonStr } from '../../python-repr.js'
import { refuse } from '../support.js'
import { passthru } from './methods.js'

const strings = ['Context', 'Protocol'] as const
const stringFault = {
  Context: (value: string) => `Context ${value} is not a valid string`,
  Protocol: (value: string) => `Protocol ${value} is not a string`,
}

/** @throws InvalidParameterValue */
function validateSubscription(args: JsonObject): void {
  for (const key of strings) {
    const value = args[key]
    if (value !== undefined && typeof value !== 'string') {
      throw new InvalidParameterValue(stringFault[key](pythonStr(value)))
    }
  }
  const headers = args['HttpHeaders']
  if (headers !== undefined && !Array.isArray(headers)) {
    throw new InvalidParameterValue(`HttpHeaders ${pythonStr(headers)} is not a list of headers`)
  }
  const destination = args['Destination']
  if (typeof destination !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+/i.test(destination)) {
    throw new InvalidParameterValue(`Destination ${pythonStr(destination)} is not a valid URI`)
  }
}

/** Event subscriptions and ejecting media (`drivers/modules/redfish/vendor.py`). */
export const redfishVendor: VendorInterface = {
  name: 'redfish',
  kind: 'vendor',
  properties: {},
  nodeMethods: {
    eject_vmedia: passthru(
      "Eject a virtual media device. If no device is provided then all attached devices will be ejected. Optional arguments: 'boot_device' - the boot device to eject, either 'cd', 'dvd', 'usb', or 'floppy'",
      refuse('eject_vmedia'),
    ),
    create_subscription: passthru(
      "Creates a subscription on a node. Required argument: a dictionary of {'Destination': 'destination_url'}",
      refuse('create_subscription'),
      { async: false },
    ),
    delete_subscription: passthru(
      "Delete a subscription on a node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      refuse('delete_subscription'),
      { async: false, httpMethods: ['DELETE'] },
    ),
    get_all_subscriptions: passthru(
      'Returns all subscriptions on the node.',
      refuse('get_all_subscriptions'),
      { async: false, httpMethods: ['GET'] },
    ),
    get_subscription: passthru(
      "Get a subscription on the node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      refuse('get_subscription'),
      { async: false, httpMethods: ['GET'] },
    ),
  },
  driverMethods: {},
  validate: validateRedfish,
  async validateMethod(_task, method, args) {
    await Promise.resolve()
    if (method === 'create_subscription') validateSubscription(args)
    if (method === 'delete_subscription' && !isTruthy(args['id'])) {
      throw new InvalidParameterValue("id can't be None")
    }
  },
}
export const idracVendor: VendorInterface = { ...redfishVendor, name: 'idrac-redfish' }
