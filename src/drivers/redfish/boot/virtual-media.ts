import type { JsonObject } from '../../../db/columns.js'
import { InvalidParameterValue } from '../../../errors.js'
import { BmcError, HttpFault, MissingAction } from '../../../protocols/redfish/errors.js'
import { managersOf } from '../../../protocols/redfish/resources/manager.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import {
  ejectMedia,
  insertMedia,
  takes,
  verifyDrive,
  virtualDrives,
  type ImageAccess,
  type MediaType,
  type VirtualDrive,
} from '../../../protocols/redfish/resources/virtual-media.js'
import { quirksOf } from '../../../protocols/redfish/quirks.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'

/**
 * Virtual media of a node (`drivers/modules/redfish/boot.py`): inserting and ejecting, each read
 * back from the BMC. What boots from them is the boot interfaces' business.
 */

/** How often a drive is tried that fails inside the BMC: an eject may still be under way. */
const attempts = 3
const pauseMs = 3000
/** How long a BMC may take to show what it has accepted. */
const settleMs = 30_000

/** Where drives are: with the system, else with its managers. Ejecting looks at all. */
interface Home {
  readonly collection: string
}

async function homes(bmc: Bmc, system: System): Promise<Home[]> {
  if (system.virtualMedia !== null) return [{ collection: system.virtualMedia }]
  return await managerHomes(bmc, system)
}
async function managerHomes(bmc: Bmc, system: System): Promise<Home[]> {
  const managers = await managersOf(bmc.talk, system)
  return managers.flatMap((m) => (m.virtualMedia === null ? [] : [{ collection: m.virtualMedia }]))
}

/** The node's virtual drives, in the form of the API. @throws RedfishError, InvalidParameterValue */
export async function listVirtualMedia(task: Task): Promise<JsonObject[]> {
  return await withBmc(task, async (bmc) => {
    const found: JsonObject[] = []
    for (const home of await homes(bmc, await bmc.system())) {
      for (const drive of await virtualDrives(bmc.talk, home.collection)) found.push(shown(drive))
    }
    if (found.length > 0) return found
    throw new InvalidParameterValue('No suitable virtual media device found')
  })
}

const shown = (drive: VirtualDrive): JsonObject => ({
  media_types: [...(drive.mediaTypes ?? [])],
  inserted: drive.inserted,
  image: drive.image,
})

/**
 * Inserts an image into the first drive that takes it; what is in drives of the type is ejected
 * before. When this returns, the BMC shows the image as inserted.
 * @throws InvalidParameterValue when no drive took it, RedfishError, RedfishConnectionError
 */
export async function insertVirtualMedia(
  task: Task,
  image: string,
  type: MediaType,
  access: ImageAccess = {},
): Promise<void> {
  await withBmc(task, async (bmc) => {
    const faults: string[] = []
    const system = await bmc.system()
    const slot = await onlySlot(bmc, system)
    for (const home of await homes(bmc, system)) {
      if (await insertIn(bmc, home, { image, type, access, slot }, faults)) return
    }
    throw new InvalidParameterValue(insertFault(task, image, faults))
  })
}

interface Wanted {
  readonly image: string
  readonly type: MediaType
  readonly access: ImageAccess
  readonly slot: string | null
}

async function insertIn(bmc: Bmc, home: Home, wanted: Wanted, faults: string[]): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await insertOnce(bmc, home, wanted, faults)
    } catch (error) {
      if (!(error instanceof HttpFault) || error.status < 500) throw error
      if (!faults.includes(error.message)) faults.push(error.message)
      if (attempt >= attempts) return false
    }
    await bmc.talk.sleep(pauseMs)
  }
}

async function insertOnce(
  bmc: Bmc,
  home: Home,
  wanted: Wanted,
  faults: string[],
): Promise<boolean> {
  await ejectQuietly(bmc, home, wanted.type)
  for (const drive of await virtualDrives(bmc.talk, home.collection)) {
    if (!takes(drive, wanted.type) || (wanted.slot !== null && drive.id !== wanted.slot)) continue
    try {
      await insertMedia(bmc.talk, drive, wanted.image, wanted.access)
    } catch (error) {
      if (error instanceof MissingAction) continue
      if (!(error instanceof HttpFault) || ![400, 405].includes(error.status)) throw error
      faults.push(
        `Inserting virtual media into ${wanted.type} failed for node ${bmc.task.node.uuid}, moving to next virtual media device, if available. ${error.message}`,
      )
      continue
    }
    await verifyDrive(bmc.talk, drive, true, settleMs)
    return true
  }
  return false
}

function insertFault(task: Task, image: string, faults: readonly string[]): string {
  const { uuid } = task.node
  const [first] = faults
  const last = faults.at(-1)
  if (first === undefined) {
    return `No suitable virtual media device found for node ${uuid} to mount image ${image}`
  }
  const what = `Virtual media mount failed for node ${uuid} with image ${image}`
  if (first === last) return `${what}. Error: ${first}`
  return `${what} after multiple attempts. First error: ${first}. Last error: ${last ?? ''}`
}

/** A drive that could not be emptied may be filled all the same; inserting tells. */
async function ejectQuietly(bmc: Bmc, home: Home, type: MediaType): Promise<void> {
  try {
    await ejectFrom(bmc, home, type)
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const log = bmc.task.ctx.log.bmc
    log.debug(
      { reason: error.message, node: bmc.task.node.uuid },
      'a virtual drive keeps its image',
    )
  }
}

async function onlySlot(bmc: Bmc, system: System): Promise<string | null> {
  if (!bmc.task.driver.boot.name.startsWith('idrac')) return null
  const managers = await managersOf(bmc.talk, system)
  const slots = managers.map((m) => quirksOf({ vendor: 'Dell', managerModel: m.model }).quirks)
  return slots.find((q) => q.onlyVirtualMediaSlot !== null)?.onlyVirtualMediaSlot ?? null
}

/**
 * Ejects what is in drives of a type, or in all, of the system and of its managers. When this
 * returns, the BMC shows them as empty.
 * @returns whether anything was ejected
 * @throws RedfishError, RedfishConnectionError
 */
export async function ejectVirtualMedia(task: Task, type?: MediaType): Promise<boolean> {
  return await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    const own = system.virtualMedia === null ? [] : [{ collection: system.virtualMedia }]
    const all = [...own, ...(await managerHomes(bmc, system))]
    let ejected = false
    for (const home of all) ejected = (await ejectFrom(bmc, home, type)) || ejected
    return ejected
  })
}

async function ejectFrom(bmc: Bmc, home: Home, type: MediaType | undefined): Promise<boolean> {
  let ejected = false
  for (const drive of await virtualDrives(bmc.talk, home.collection)) {
    if ((type !== undefined && !takes(drive, type)) || drive.inserted !== true) continue
    await ejectMedia(bmc.talk, drive)
    await verifyDrive(bmc.talk, drive, false, settleMs)
    ejected = true
  }
  return ejected
}

/** Whether an image of the type is inserted. @throws RedfishError, RedfishConnectionError */
export async function hasVirtualMedia(task: Task, type: MediaType): Promise<boolean> {
  return await withBmc(task, async (bmc) => {
    for (const home of await homes(bmc, await bmc.system())) {
      const drives = await virtualDrives(bmc.talk, home.collection)
      if (drives.some((drive) => takes(drive, type) && drive.inserted === true)) return true
    }
    return false
  })
}

/** The types of media that the drives of a node take. @throws RedfishError, RedfishConnectionError */
export async function offeredMedia(task: Task): Promise<ReadonlySet<string>> {
  const drives = await drivesOf(task)
  return new Set(drives.flatMap((drive) => drive.mediaTypes ?? []))
}

/**
 * The protocols by which the drives for CDs fetch images, in upper case, as far as the BMC says.
 * @throws RedfishError, RedfishConnectionError
 */
export async function mediaTransports(task: Task): Promise<string[]> {
  const drives = (await drivesOf(task)).filter((drive) => takes(drive, 'CD'))
  const named = drives.flatMap((drive) =>
    drive.transferProtocol === null
      ? (drive.transferProtocols ?? [])
      : [drive.transferProtocol, ...(drive.transferProtocols ?? [])],
  )
  return named.map((name) => name.toUpperCase())
}

async function drivesOf(task: Task): Promise<VirtualDrive[]> {
  return await withBmc(task, async (bmc) => {
    const drives: VirtualDrive[] = []
    for (const home of await homes(bmc, await bmc.system())) {
      drives.push(...(await virtualDrives(bmc.talk, home.collection)))
    }
    return drives
  })
}
