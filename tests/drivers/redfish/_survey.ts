// Everything the Redfish drivers read of a machine, in one go.
import { systemClock } from '../../../src/clock.js'
import type { JsonObject } from '../../../src/db/columns.js'
import { biosSettings, firmwareInformation, nodes } from '../../../src/db/schema/index.js'
import type { Database } from '../../../src/db/types.js'
import {
  arraysOf,
  logicalDisks,
  plannableDrives,
} from '../../../src/drivers/redfish/raid/arrays.js'
import { withBmc } from '../../../src/drivers/redfish/bmc.js'
import { testTask, type TestTask } from '../_util/task.js'

const config = {
  DEFAULT: {
    enabled_hardware_types: ['redfish'],
    enabled_bios_interfaces: ['redfish'],
    enabled_firmware_interfaces: ['redfish'],
    enabled_inspect_interfaces: ['redfish', 'agent'],
    enabled_raid_interfaces: ['redfish'],
  },
  redfish: { connection_attempts: 1 },
}

export interface Survey {
  readonly power: string | null
  readonly vendor: string | null
  readonly health: string | null
  readonly bootDevice: unknown
  readonly bootMode: string | null
  readonly secureBoot: boolean | null | string
  readonly macs: readonly string[] | string
  readonly media: readonly JsonObject[] | string
  readonly sensors: Readonly<Record<string, number>>
  readonly indicators: Readonly<Record<string, number>>
  readonly inventory: JsonObject
  readonly properties: JsonObject
  readonly biosSettings: number | string
  readonly biosRules: number
  readonly firmware: readonly string[]
  /** Drives that volumes can be made of, and the RAID there is. */
  readonly raid: { readonly drives: number; readonly disks: readonly JsonObject[] } | string
}

/** What it gives, or the error it ends with: services need not have everything. */
async function orError<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work()
  } catch (error) {
    return (error as Error).message
  }
}
const counts = (all: JsonObject): Record<string, number> =>
  Object.fromEntries(
    Object.entries(all).map(([key, value]) => [key, Object.keys(value as object).length]),
  )

export async function taskOn(
  db: Database,
  url: string,
  driverInfo: JsonObject = {},
): Promise<TestTask> {
  for (const table of [biosSettings, firmwareInformation, nodes]) await db.orm.delete(table)
  const node = { id: 1, uuid: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123', driver: 'redfish' }
  await db.orm.insert(nodes).values({ ...node, provisionState: 'manageable' } as never)
  return await testTask({
    node: { ...node, driverInfo: { redfish_address: url, ...driverInfo } },
    config,
    ctx: { clock: systemClock, db },
  })
}

const raidOf = (task: TestTask) =>
  withBmc(task, async (bmc) => {
    const arrays = await arraysOf(bmc)
    const drives = await plannableDrives(bmc, arrays)
    return { drives: drives.length, disks: logicalDisks(arrays) }
  })

/** Reads all there is. @throws what must not be missing of any machine */
export async function survey(db: Database, task: TestTask): Promise<Survey> {
  const { management, power, inspect, bios, firmware } = task.driver
  const found = await inspect.inspectHardware(task)
  if (typeof found === 'string') throw new Error('not inspected')
  const settings = await orError(() => bios.cacheBiosSettings(task))
  const rows = await db.orm.select().from(biosSettings)
  await orError(() => firmware.cacheFirmwareComponents(task))
  const parts = await db.orm.select().from(firmwareInformation)
  const raid = await orError(() => raidOf(task))
  const seen: Survey = {
    power: await power.getPowerState(task),
    vendor: (await management.detectVendor?.(task)) ?? null,
    health: (await management.getHealth?.(task)) ?? null,
    bootDevice: await management.getBootDevice(task),
    bootMode: (await management.getBootMode?.(task)) ?? null,
    secureBoot: await orError(async () => (await management.getSecureBootState?.(task)) ?? null),
    macs: await orError(async () => (await management.getMacAddresses?.(task)) ?? []),
    media: await orError(async () => (await management.getVirtualMedia?.(task)) ?? []),
    sensors: counts((await management.getSensorsData?.(task)) ?? {}),
    indicators: counts((await management.supportedIndicators?.(task)) ?? {}),
    inventory: found.inventory,
    properties: task.node.properties ?? {},
    biosSettings: settings ?? rows.length,
    biosRules: rows.filter((row) => row.attributeType !== null).length,
    firmware: parts.map((part) => `${part.component} ${part.currentVersion}`).toSorted(),
    raid,
  }
  await task.ctx.services.close()
  return seen
}
