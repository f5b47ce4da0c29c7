import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue, NotFound } from '../../../errors.js'
import { RedfishError } from '../errors.js'
import { pythonRepr, pythonStr } from '../../../python/repr.js'
import { validateRedfish } from '../driver-info.js'
import { isTruthy } from '../../driver-info/fields.js'
import type { VendorInterface, Task } from '../../interfaces.js'
import { withBmc } from '../bmc.js'
import {
  createSubscription,
  deleteSubscription,
  eventTypes,
  listSubscriptions,
  readSubscription,
} from './subscriptions.js'
import { ejectVirtualMedia } from '../boot/virtual-media.js'
import type { MediaType } from '../../../protocols/redfish/resources/virtual-media.js'
import { passthru } from '../../vendor/methods.js'

const strings = ['Context', 'Protocol'] as const
const stringFault = {
  Context: (value: string) => `Context ${value} is not a valid string`,
  Protocol: (value: string) => `Protocol ${value} is not a string`,
}

/** @throws InvalidParameterValue */
async function validateSubscription(task: Task, args: JsonObject): Promise<void> {
  const wanted = args['EventTypes']
  if (wanted !== undefined && wanted !== null) await validateEventTypes(task, wanted)
  for (const key of strings) {
    const value = args[key]
    if (value !== undefined && typeof value !== 'string') {
      throw new InvalidParameterValue(stringFault[key](pythonStr(value)))
    }
  }
  const headers = args['HttpHeaders']
  if (headers !== undefined && headers !== null && !Array.isArray(headers)) {
    throw new InvalidParameterValue(`HttpHeaders ${pythonStr(headers)} is not a list of headers`)
  }
  const destination = args['Destination']
  if (typeof destination !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+/i.test(destination)) {
    throw new InvalidParameterValue(`Destination ${pythonStr(destination)} is not a valid URI`)
  }
}

async function validateEventTypes(task: Task, wanted: unknown): Promise<void> {
  const allowed = await withBmc(task, (bmc) => eventTypes(bmc.talk))
  const list: unknown[] | null = Array.isArray(wanted) ? wanted : null
  if (list?.every((type) => allowed.some((a) => a === type))) return
  throw new InvalidParameterValue(
    `EventTypes ${pythonStr(wanted)} is not a valid value, allowed values {${allowed.map(pythonRepr).join(', ')}}`,
  )
}

const mediaTypes: Readonly<Record<string, MediaType>> = {
  cd: 'CD',
  dvd: 'DVD',
  usb: 'USBStick',
  floppy: 'Floppy',
}

/** @throws InvalidParameterValue */
function ejected(args: JsonObject): MediaType | undefined {
  const device = args['boot_device']
  if (!isTruthy(device)) return undefined
  const type = mediaTypes[pythonStr(device).toLowerCase()]
  if (type !== undefined) return type
  throw new InvalidParameterValue(`Boot device ${pythonStr(device)} is not a valid value `)
}

const failed = (task: Task, method: string, id: unknown) => (reason: string) =>
  `Redfish ${method} failed for subscription ${pythonStr(id ?? null)} on node ${task.node.uuid}. Error: ${reason}`

async function create(task: Task, args: JsonObject): Promise<unknown> {
  return await withBmc(
    task,
    (bmc) => createSubscription(bmc.talk, args),
    (reason) =>
      `Failed to create subscription on node ${task.node.uuid}. Subscription payload: ${pythonRepr({ ...args, ...(args['HttpHeaders'] === undefined ? {} : { HttpHeaders: '******' }) })}. Error: ${reason}`,
  )
}

async function remove(task: Task, args: JsonObject): Promise<unknown> {
  const { id } = args
  const text = failed(task, 'delete_subscription', id)
  try {
    await withBmc(task, (bmc) => deleteSubscription(bmc.talk, pythonStr(id)), text)
  } catch (error) {
    if (error instanceof RedfishError) throw new NotFound(error.message)
    throw error
  }
  return null
}

/** Event subscriptions and ejecting media (`drivers/modules/redfish/vendor.py`). */
export const redfishVendor: VendorInterface = {
  name: 'redfish',
  kind: 'vendor',
  properties: {},
  nodeMethods: {
    eject_vmedia: passthru(
      "Eject a virtual media device. If no device is provided then all attached devices will be ejected. Optional arguments: 'boot_device' - the boot device to eject, either 'cd', 'dvd', 'usb', or 'floppy'",
      async (task, args) => {
        await ejectVirtualMedia(task, ejected(args))
        return null
      },
    ),
    create_subscription: passthru(
      "Creates a subscription on a node. Required argument: a dictionary of {'Destination': 'destination_url'}",
      create,
      { async: false },
    ),
    delete_subscription: passthru(
      "Delete a subscription on a node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      remove,
      { async: false, httpMethods: ['DELETE'] },
    ),
    get_all_subscriptions: passthru(
      'Returns all subscriptions on the node.',
      (task) =>
        withBmc(
          task,
          (bmc) => listSubscriptions(bmc.talk),
          (reason) =>
            `Redfish get_subscriptions failed on node ${task.node.uuid}. Error: ${reason}`,
        ),
      { async: false, httpMethods: ['GET'] },
    ),
    get_subscription: passthru(
      "Get a subscription on the node. Required argument: a dictionary of {'id': 'subscription_bmc_id'}",
      (task, args) =>
        withBmc(
          task,
          (bmc) => readSubscription(bmc.talk, pythonStr(args['id'] ?? null)),
          failed(task, 'get_subscription', args['id']),
        ),
      { async: false, httpMethods: ['GET'] },
    ),
  },
  driverMethods: {},
  validate: validateRedfish,
  async validateMethod(task, method, args) {
    if (method === 'eject_vmedia') ejected(args)
    if (method === 'create_subscription') await validateSubscription(task, args)
    if (method === 'delete_subscription' && !isTruthy(args['id'])) {
      throw new InvalidParameterValue("id can't be None")
    }
  },
}
export const idracVendor: VendorInterface = { ...redfishVendor, name: 'idrac-redfish' }
