/** Hooks that set properties and capabilities of the node. */
import { eq } from 'drizzle-orm'
import { nodeInventory } from '../../../db/schema/index.js'
import { pythonStr } from '../../../python/repr.js'
import { isObject, type Plain } from '../plain.js'
import { InvalidInventory, setCapabilities, setProperty, type Hook, type HookRun } from './types.js'

const part = ({ inventory }: HookRun, name: string): Plain => {
  const value = inventory[name]
  return isObject(value) ? value : {}
}

export const ramdiskError: Hook = {
  name: 'ramdisk-error',
  preprocess({ pluginData }) {
    if (pluginData['error']) {
      throw new Error(`Ramdisk reported error: ${pythonStr(pluginData['error'])}`)
    }
  },
}

export const architecture: Hook = {
  name: 'architecture',
  run(run) {
    const arch = part(run, 'cpu')['architecture']
    if (arch !== undefined) return setProperty(run, 'cpu_arch', arch)
    throw new InvalidInventory(
      run,
      `Inventory has malformed or missing CPU architecture information: ${pythonStr(run.inventory['cpu'])} for node ${run.task.node.uuid}.`,
    )
  },
}

export const memory: Hook = {
  name: 'memory',
  run(run) {
    const size = part(run, 'memory')['physical_mb']
    if (size !== undefined) return setProperty(run, 'memory_mb', size)
    throw new InvalidInventory(
      run,
      `Inventory has missing memory information: ${pythonStr(run.inventory['memory'])} for node ${run.task.node.uuid}.`,
    )
  },
}

export const cpus: Hook = {
  name: 'cpus',
  run(run) {
    const count = Math.trunc(Number(part(run, 'cpu')['count'] ?? 0))
    if (count > 0) setProperty(run, 'cpus', count)
  },
}

export const bootMode: Hook = {
  name: 'boot-mode',
  run(run) {
    const mode = part(run, 'boot')['current_boot_mode']
    if (typeof mode === 'string') setCapabilities(run, { boot_mode: mode })
  },
}

export const cpuCapabilities: Hook = {
  name: 'cpu-capabilities',
  run(run) {
    const flags = part(run, 'cpu')['flags']
    if (!Array.isArray(flags) || flags.length === 0) return
    const map = Object.entries(run.task.ctx.config.inspector.cpu_capabilities)
    const found = map.filter(([flag]) => flags.includes(flag)).map(([, name]) => [name, 'true'])
    setCapabilities(run, Object.fromEntries(found) as Record<string, string>)
  },
}

const devicesOf = ({ pluginData }: HookRun): Plain[] => {
  const listed = pluginData['pci_devices']
  return Array.isArray(listed) ? (listed as unknown[]).filter(isObject) : []
}

/** Counts PCI devices that `[inspector] pci_device_alias` names. */
export const pciDevices: Hook = {
  name: 'pci-devices',
  run(run) {
    const aliases = run.task.ctx.config.inspector.pci_device_alias.flatMap((entry) => {
      const alias = JSON.parse(entry) as unknown
      return isObject(alias) ? [alias] : []
    })
    const counts: Record<string, number> = {}
    for (const device of devicesOf(run)) {
      const alias = aliases.find(
        (a) => a['vendor_id'] === device['vendor_id'] && a['product_id'] === device['product_id'],
      )
      const name = typeof alias?.['name'] === 'string' ? alias['name'] : undefined
      if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1
    }
    const named = Object.entries(counts).map(([name, count]) => [name, String(count)])
    if (named.length > 0) setCapabilities(run, Object.fromEntries(named) as Record<string, string>)
  },
}

/** Finds the root disk by the one serial number that is new since the last inspection. */
export const raidDevice: Hook = {
  name: 'raid-device',
  async run(run) {
    const { ctx, node } = run.task
    const now = serials(run.inventory)
    if (node.properties?.['root_device'] !== undefined || now.length === 0) return
    const [row] = await ctx.db.orm
      .select({ inventory: nodeInventory.inventoryData })
      .from(nodeInventory)
      .where(eq(nodeInventory.nodeId, node.id))
      .limit(1)
    if (row === undefined) return
    const before = serials(row.inventory ?? {})
    const added = now.filter((s) => !before.includes(s))
    if (added.length === 1) setProperty(run, 'root_device', { serial: added[0] })
  },
}

function serials(inventory: Plain): string[] {
  const disks = inventory['disks']
  const listed = Array.isArray(disks) ? (disks as unknown[]).filter(isObject) : []
  return listed
    .map((d) => d['serial'])
    .filter((s): s is string => typeof s === 'string' && s !== '')
}

/** Turns hardware-detect's list of lists into a tree. */
export const extraHardware: Hook = {
  name: 'extra-hardware',
  run({ task, pluginData }) {
    const { data } = pluginData
    if (data === undefined) return
    const strict = task.ctx.config.inspector.extra_hardware_strict
    const isRow = (r: unknown) => Array.isArray(r) && (!strict || r.length === 4)
    if (!Array.isArray(data) || !data.every(isRow)) {
      if (strict) delete pluginData['data']
      return
    }
    const tree = new Map<string, Map<string, Map<string, unknown>>>()
    for (const [a, b, c, value] of data as unknown[][]) {
      if (c === undefined) continue
      const second = tree.get(pythonStr(a)) ?? new Map<string, Map<string, unknown>>()
      const third = second.get(pythonStr(b)) ?? new Map<string, unknown>()
      third.set(pythonStr(c), asNumber(value))
      tree.set(pythonStr(a), second.set(pythonStr(b), third))
    }
    pluginData['extra'] = Object.fromEntries(
      [...tree].map(([k, v]) => [
        k,
        Object.fromEntries([...v].map(([l, w]) => [l, Object.fromEntries(w)])),
      ]),
    )
    delete pluginData['data']
  },
}

const asNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value
