import { and, eq, not } from 'drizzle-orm'
import { isAmong } from '../../../db/many.js'
import { firmwareInformation } from '../../../db/schema/index.js'
import { UnsupportedDriverExtension } from '../../../errors.js'
import { asArray, asObject, asString } from '../../../protocols/redfish/json.js'
import { chassisOf } from '../../../protocols/redfish/resources/chassis.js'
import { members } from '../../../protocols/redfish/resources/collection.js'
import { managersOf } from '../../../protocols/redfish/resources/manager.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'
import { orNothing } from '../inspect/inventory.js'

/** One part that has firmware, as `firmware_information` keeps it. */
interface Component {
  readonly component: string
  readonly currentVersion: string
  readonly vendor: string | null
  readonly model: string | null
  readonly serialNumber: string | null
}

class NoFirmware extends UnsupportedDriverExtension {
  constructor(uuid: string) {
    super('', '')
    this.message = `Cannot retrieve firmware for node ${uuid}: no supported components`
  }
}

/** Reads versions into `firmware_information`. @throws UnsupportedDriverExtension, RedfishError */
export async function cacheFirmware(task: Task): Promise<void> {
  const found = await withBmc(task, async (bmc) => components(bmc, await bmc.system()))
  if (found.length === 0) throw new NoFirmware(task.node.uuid)
  await store(task, found)
}

async function components(bmc: Bmc, system: System): Promise<Component[]> {
  const bare = { vendor: null, model: null, serialNumber: null }
  const found: Component[] = []
  if (system.biosVersion) {
    found.push({ component: 'bios', currentVersion: system.biosVersion, ...bare })
  }
  const [manager] = await orNothing(bmc, 'managers', () => managersOf(bmc.talk, system), [])
  if (manager?.firmwareVersion) {
    const version = manager.firmwareVersion
    found.push({ component: 'bmc', currentVersion: version, ...bare, model: manager.model })
  }
  return [...found, ...(await orNothing(bmc, 'network adapters', () => nics(bmc, system), []))]
}

async function nics(bmc: Bmc, system: System): Promise<Component[]> {
  const found: Component[] = []
  for (const chassis of await chassisOf(bmc.talk, system)) {
    if (chassis.networkAdapters === null) continue
    for (const adapter of await members(bmc.talk, chassis.networkAdapters)) {
      const json = asObject(adapter.json)
      const [controller] = asArray(json['Controllers']).map(asObject)
      const version = asString(controller?.['FirmwarePackageVersion'])
      if (version === null) continue
      const serialNumber = asString(json['SerialNumber'])
      found.push({
        component: `nic:${serialNumber ?? asString(json['Id']) ?? ''}`,
        currentVersion: version,
        vendor: asString(json['Manufacturer']),
        model: asString(json['Model']),
        serialNumber,
      })
    }
  }
  return found
}

/** New parts are added, changed ones updated, the rest removed. */
async function store(task: Task, found: readonly Component[]): Promise<void> {
  const nodeId = task.node.id
  const now = task.ctx.clock.now()
  await task.ctx.db.orm.transaction(async (tx) => {
    const names = found.map((c) => c.component)
    const ofNode = eq(firmwareInformation.nodeId, nodeId)
    const rows = await tx.select().from(firmwareInformation).where(ofNode)
    const known = new Map(rows.map((row) => [row.component, row]))
    await tx
      .delete(firmwareInformation)
      .where(and(ofNode, not(isAmong(firmwareInformation.component, names))))
    for (const one of found) {
      const row = known.get(one.component)
      const first = { ...one, nodeId, initialVersion: one.currentVersion, createdAt: now }
      if (row === undefined) await tx.insert(firmwareInformation).values(first)
      else if (row.currentVersion !== one.currentVersion) {
        const change = { ...one, lastVersionFlashed: one.currentVersion, updatedAt: now }
        await tx.update(firmwareInformation).set(change).where(eq(firmwareInformation.id, row.id))
      }
    }
  })
}
