import { isIP } from 'node:net'
import { isObject, type Plain } from '../plain.js'
import { InvalidInventory, type Hook, type HookRun } from './types.js'
import { isMacAddress } from '../../../identifiers.js'

/** A network interface as `validate-interfaces` leaves it in the plugin data. */
export interface Found extends Plain {
  readonly name: string
  readonly mac_address: string
  readonly pxe_enabled: boolean
}

const text = (v: unknown): string => (typeof v === 'string' ? v : '')

/** The MAC address the machine booted from; pxelinux writes it as `01-aa-bb-…`. */
function pxeMac(inventory: Plain): string {
  const boot = inventory['boot']
  const given = isObject(boot) ? text(boot['pxe_interface']) : ''
  return given
    .replace(/^01-(?=.*-)/, '')
    .replaceAll('-', ':')
    .toLowerCase()
}

function allInterfaces(run: HookRun): Found[] {
  const listed = run.inventory['interfaces']
  if (!Array.isArray(listed)) throw new InvalidInventory(run, 'no interfaces present in inventory')
  const booted = pxeMac(run.inventory)
  return (listed as unknown[]).filter(isObject).flatMap((i) => {
    const [name, mac] = [text(i['name']), text(i['mac_address']).toLowerCase()]
    if (name === '' || !isMacAddress(mac)) return []
    // The zone of a link-local address means nothing here.
    const v6 = text(i['ipv6_address']).split('%')[0] || null
    return [{ ...i, name, mac_address: mac, ipv6_address: v6, pxe_enabled: mac === booted }]
  })
}

const ipOf = (i: Found): string => text(i['ipv4_address']) || text(i['ipv6_address'])
const isLoopback = (ip: string): boolean =>
  (isIP(ip) === 4 && ip.startsWith('127.')) || ip === '::1'

function validInterfaces(run: HookRun, all: readonly Found[]): Found[] {
  if (all.length === 0) throw new InvalidInventory(run, 'no valid network interfaces')
  const { add_ports: add } = run.task.ctx.config.inspector
  const booted = pxeMac(run.inventory) !== ''
  const valid = all.filter((i) => {
    if (i.name === 'lo' || isLoopback(ipOf(i))) return false
    if (add === 'pxe' && booted && !i.pxe_enabled) return false
    return add !== 'active' || ipOf(i) !== ''
  })
  if (valid.length > 0) return valid
  throw new InvalidInventory(
    run,
    `no network interfaces match the configuration (add_ports set to "${add}")`,
  )
}

const byName = (list: readonly Found[]) => Object.fromEntries(list.map((i) => [i.name, i]))

/** Sorts out which interfaces count. */
export const validateInterfaces: Hook = {
  name: 'validate-interfaces',
  preprocess(run) {
    const all = allInterfaces(run)
    const valid = validInterfaces(run, all)
    run.pluginData['all_interfaces'] = byName(all)
    run.pluginData['valid_interfaces'] = byName(valid)
    run.pluginData['macs'] = valid.map((i) => i.mac_address)
  },
}

/** What `validate-interfaces` found. */
export const foundInterfaces = (run: HookRun, which: 'all' | 'valid'): Found[] =>
  Object.values((run.pluginData[`${which}_interfaces`] ?? {}) as Record<string, Found>)
