/** The boot into the inspection ramdisk (`drivers/modules/inspector/interface.py`). */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { randomUUID } from 'node:crypto'
import { errorText } from '../../error-text.js'
import type { JsonObject } from '../../db/columns.js'
import { insertMissing } from '../../db/many.js'
import { ports } from '../../db/schema/index.js'
import { UnsupportedDriverExtension } from '../../errors.js'
import { fastTrackEnabled } from '../agent/alive.js'
import { switchOn } from '../agent/boot.js'
import { apiUrl } from '../api-url.js'
import { setBootDevice } from '../boot-device.js'
import { HardwareInspectionFailure } from '../errors.js'
import { dropInfo, infoOf, setInfo } from '../internal-info.js'
import { unsupported } from '../support.js'
import type { Task } from '../interfaces.js'
import { isMacAddress } from '../../identifiers.js'

const managed = 'inspector_manage_boot'
const addresses = 'lookup_bmc_addresses'

/**
 * Whether the node's own interfaces can boot the ramdisk.
 * @throws UnsupportedDriverExtension when they cannot and must
 */
export async function managesInspectionBoot(task: Task, required: boolean): Promise<boolean> {
  try {
    for (const part of [task.driver.boot, task.driver.network]) {
      if (part.validateInspection === undefined) throw unsupported(task, 'validate_inspection')
      await part.validateInspection(task)
    }
    return true
  } catch (error) {
    if (required || !(error instanceof UnsupportedDriverExtension)) throw error
    return false
  }
}

/** Makes ports of what the BMC knows of network cards, so that the ramdisk is recognised. */
export async function createKnownPorts(task: Task): Promise<void> {
  const { ctx, driver, node } = task
  if (!ctx.config.inspector.pre_create_ports || driver.management.getMacAddresses === undefined) {
    return
  }
  let macs: string[]
  try {
    macs = await driver.management.getMacAddresses(task)
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) return
    throw error
  }
  const valid = macs.filter((mac) => isMacAddress(mac))
  const createdAt = ctx.clock.now()
  const rows = valid.map((mac) => ({
    uuid: randomUUID(),
    address: mac.toLowerCase(),
    nodeId: node.id,
    createdAt,
  }))
  await insertMissing(ctx.db.orm, ports, rows)
}

/** Notes by which addresses of its BMC the node will be known by what the ramdisk sends. */
export async function noteBmcAddresses(task: Task): Promise<void> {
  const { node } = task
  const names = Object.entries(node.driverInfo ?? {})
    .filter(([key, value]) => key.endsWith('_address') && typeof value === 'string')
    // Behind a bridge the address is that of another machine.
    .filter(([key]) => !key.startsWith('ipmi_') || !bridged(node))
    .map(([, value]) => hostOf(String(value)))
  const found = new Set<string>()
  for (const name of names) {
    for (const address of await resolved(task, name)) found.add(address)
  }
  const kept = [...found].filter((a) => !isLoopback(a))
  if (kept.length === 0) dropInfo(node, [addresses])
  else setInfo(node, { [addresses]: kept })
}

const bridged = (node: Task['node']): boolean =>
  ![undefined, null, 'no'].includes(node.driverInfo?.['ipmi_bridging'] as string | undefined | null)

function hostOf(value: string): string {
  if (!value.includes('//')) return value
  return URL.canParse(value) ? new URL(value).hostname.replace(/^\[|\]$/g, '') : value
}

async function resolved(task: Task, name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name]
  try {
    return [name, ...(await lookup(name, { all: true })).map((a) => a.address)]
  } catch (error) {
    task.ctx.log.inspection.warn(
      { node: task.node.uuid, name, error },
      'a BMC address was not resolved',
    )
    return []
  }
}

const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127\./.test(address)

/**
 * Boots the inspection ramdisk, by the node's own means or by the operator's network.
 * @throws HardwareInspectionFailure
 */
export async function bootInspection(task: Task, manage: boolean): Promise<void> {
  setInfo(task.node, { [managed]: manage })
  await task.save()
  try {
    await (manage ? bootManaged(task) : bootUnmanaged(task))
  } catch (error) {
    task.signal.throwIfAborted()
    if (manage) await tearDownInspection(task)
    throw new HardwareInspectionFailure(`unable to start inspection: ${errorText(error)}`, error)
  }
}

async function bootManaged(task: Task): Promise<void> {
  const { boot, network } = task.driver
  const { inspector } = task.ctx.config
  const params: JsonObject = {
    ...kernelParams(inspector.extra_kernel_params),
    'ipa-inspection-callback-url': `${apiUrl(task.ctx)}/v1/continue_inspection`,
  }
  if (inspector.force_dhcp) params['ipa-collect-lldp'] ??= '1'
  if (fastTrackEnabled(task)) params['ipa-api-url'] = apiUrl(task.ctx)
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  await network.addNetwork(task, 'inspection')
  await boot.prepareRamdisk(task, params)
  await switchOn(task)
}

async function bootUnmanaged(task: Task): Promise<void> {
  if (!task.node.disablePowerOff) await task.powerAction('power off')
  await setBootDevice(task, 'pxe', false)
  await switchOn(task)
}

/** `a=1 b` as an object; a word without a value has null. */
function kernelParams(text: string): JsonObject {
  const words = text.split(/\s+/).filter((word) => word !== '')
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

/**
 * Takes the inspection ramdisk away, as far as that goes.
 * @param options.alwaysOff the machine is switched off also when its boot was not the node's
 * @returns what went wrong
 */
export async function tearDownInspection(
  task: Task,
  options: { alwaysOff?: boolean } = {},
): Promise<string[]> {
  const { node, driver, ctx } = task
  const own = infoOf(node)[managed] === true
  dropInfo(node, [managed, addresses])
  const errors: string[] = []
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      task.signal.throwIfAborted()
      ctx.log.inspection.error({ error, node: node.uuid }, `inspection is not cleaned up: ${what}`)
      errors.push(`${what}: ${errorText(error)}`)
    }
  }
  if (own) {
    await attempt('unable to clean up ramdisk boot', () => driver.boot.cleanUpRamdisk(task))
    await attempt('unable to remove inspection ports', () =>
      driver.network.removeNetwork(task, 'inspection'),
    )
  }
  const off = (own || options.alwaysOff) && ctx.config.inspector.power_off
  if (!off || fastTrackEnabled(task)) return errors
  await (node.disablePowerOff
    ? attempt('unable to reboot the node', () => task.powerAction('rebooting'))
    : attempt('unable to power off the node', () => task.powerAction('power off')))
  return errors
}
