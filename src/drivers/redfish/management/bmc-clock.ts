import { errorText } from '../../../error-text.js'
import type { JsonObject } from '../../../db/columns.js'
import { ServerError } from '../../../errors.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import {
  managersOf,
  readManager,
  type Manager,
} from '../../../protocols/redfish/resources/manager.js'
import type { Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'

/** A check of a new node failed (upstream's class of that name). */
export class NodeVerifyFailure extends ServerError {
  override readonly name = 'NodeVerifyFailure'
  constructor(node: string, reason: string, cause?: unknown) {
    super(`Failed to verify node ${node}: ${reason}`, cause)
  }
}

const toleranceMs = 1000

/** The clean step `set_bmc_clock`. @throws RedfishError */
export async function setBmcClock(task: Task, args: JsonObject): Promise<undefined> {
  const asked = args['target_datetime']
  const offset = args['datetime_local_offset']
  await withBmc(task, async (bmc) => {
    const at = typeof asked === 'string' ? new Date(asked) : task.ctx.clock.now()
    if (Number.isNaN(at.getTime()))
      throw new BmcError(`Invalid isoformat string: '${String(asked)}'`)
    const manager = await firstManager(bmc)
    const after = await write(bmc, manager, at, typeof offset === 'string' ? offset : null)
    if (driftOf(after, at) <= toleranceMs) return
    throw new BmcError('BMC clock update failed: mismatch after setting datetime')
  })
  return undefined
}

/** The verify step `verify_bmc_clock`: only where `[redfish] enable_verify_bmc_clock` asks for it. */
export async function verifyBmcClock(task: Task): Promise<undefined> {
  if (!task.ctx.config.redfish.enable_verify_bmc_clock) return undefined
  try {
    await withBmc(task, correct)
  } catch (error) {
    task.signal.throwIfAborted()
    const reason = `BMC clock verify step failed: ${errorText(error)}`
    throw new NodeVerifyFailure(task.node.uuid, reason, error)
  }
  return undefined
}

async function correct(bmc: Bmc): Promise<void> {
  const manager = await firstManager(bmc)
  const now = bmc.task.ctx.clock.now()
  if (driftOf(manager, now) <= toleranceMs) return
  const after = await write(bmc, manager, now, manager.localOffset === '+00:00' ? null : '+00:00')
  if (driftOf(after, bmc.task.ctx.clock.now()) > toleranceMs) {
    throw new BmcError('BMC clock still incorrect after update')
  }
}

async function firstManager(bmc: Bmc): Promise<Manager> {
  const [manager] = await managersOf(bmc.talk, await bmc.system())
  if (manager === undefined) throw new BmcError("Couldn't find any Sushy Manager")
  return manager
}

async function write(
  bmc: Bmc,
  manager: Manager,
  at: Date,
  offset: string | null,
): Promise<Manager> {
  const fraction = manager.dateTime?.includes('.') ?? false
  const time = at.toISOString().replace(fraction ? 'Z' : /(\.\d+)?Z$/, '+00:00')
  const change = { DateTime: time, ...(offset === null ? {} : { DateTimeLocalOffset: offset }) }
  await bmc.talk.patch(manager.document, change)
  return await readManager(bmc.talk, manager.document.path)
}

const driftOf = (manager: Manager, at: Date): number =>
  Math.abs(Date.parse(manager.dateTime ?? '') - Math.floor(at.getTime() / 1000) * 1000)
