import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { isObject, type Plain } from '../plain.js'
import { setProperty, type Hook, type HookRun } from './types.js'

const gpu = (deviceId: string, info: string): Plain => ({
  vendor_id: '10de',
  device_id: deviceId,
  type: 'GPU',
  device_info: `NVIDIA Corporation ${info}`,
})

/** Known unless `[inspector] known_accelerators` names a file. */
const builtIn: readonly Plain[] = [
  gpu('1eb8', 'Tesla T4'),
  gpu('1df6', 'GV100GL'),
  gpu('2236', 'A10'),
  gpu('2235', 'A40'),
  gpu('26b9', 'L40S'),
  gpu('26ba', 'L20'),
]

/** Lists the PCI devices that are known accelerators. */
export const accelerators: Hook = {
  name: 'accelerators',
  async run(run) {
    const listed = run.pluginData['pci_devices']
    if (!Array.isArray(listed) || listed.length === 0) return
    const known = await knownDevices(run)
    const found = (listed as unknown[]).filter(isObject).flatMap((device) => {
      const match = known.find(
        (k) => k['vendor_id'] === device['vendor_id'] && k['device_id'] === device['product_id'],
      )
      return match === undefined ? [] : [{ ...match, pci_address: device['bus'] ?? null }]
    })
    setProperty(run, 'accelerators', found)
  },
}

/** @throws Error when the file lists no devices */
async function knownDevices({ task }: HookRun): Promise<readonly Plain[]> {
  const file = task.ctx.config.inspector.known_accelerators
  if (file === null) return builtIn
  const text = await readFile(file, { encoding: 'utf8', signal: AbortSignal.timeout(10_000) })
  const document = parse(text) as unknown
  const devices = isObject(document) ? document['pci_devices'] : undefined
  if (!Array.isArray(devices)) throw new Error(`${file} has no list pci_devices`)
  return (devices as unknown[]).filter(isObject)
}
