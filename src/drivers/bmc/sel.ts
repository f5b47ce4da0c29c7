import type { Requester } from '../../protocols/ipmi/requester.js'
import { IpmiTimeout, IpmiUnreachable } from '../../protocols/ipmi/errors.js'
import type { SelEntry } from '../../protocols/ipmi/sel/entry.js'
import { clearSel, readSel, selInfo, type SelInfo } from '../../protocols/ipmi/sel/log.js'
import { UnsupportedDriverExtension } from '../../errors.js'
import { recordEvent } from '../../timeline.js'
import { parseIpmiInfo } from '../ipmi/driver-info.js'
import { ipmiClient } from '../ipmi/clients.js'
import { bmcName, takeTurn } from '../ipmi/turn.js'
import type { Task } from '../interfaces.js'

/** The event log of a BMC, as it was before it was cleared. */
export interface SelReport {
  /** As the scheduler names it. */
  readonly bmc: string
  readonly info: SelInfo
  /** The oldest first. */
  readonly entries: readonly SelEntry[]
  readonly cleared: boolean
}

/** Logs have thousands of entries, each an answer of its own. */
const patienceMs = 300_000
const clearingPauseMs = 500

const isUnreachable = (error: unknown): boolean =>
  error instanceof IpmiTimeout || error instanceof IpmiUnreachable

/**
 * Reads the System Event Log of a node's BMC, in one turn, and clears it if it is to.
 * @throws UnsupportedDriverExtension when its power is not driven by IPMI 2.0; IPMIFailure,
 *   InvalidParameterValue
 */
export async function bmcSel(task: Task, clear: boolean): Promise<SelReport> {
  const info = isIpmi(task) ? parseIpmiInfo(task.node) : null
  if (info?.protocolVersion !== '2.0') {
    throw new UnsupportedDriverExtension(task.node.driver ?? '', 'bmc sel')
  }
  const session = ipmiClient(task.ctx, info)
  const how = { command: clear ? 'sel clear' : 'sel list', session, isUnreachable, patienceMs }
  const report = await takeTurn(task, info, how, async (turn) => {
    const pause = () => task.ctx.clock.sleep(clearingPauseMs, turn.signal)
    return { bmc: bmcName(info), ...(await readAndClear(session.within(turn), clear, pause)) }
  })
  if (clear) tell(task, report)
  return report
}

const isIpmi = (task: Task): boolean => /ipmi|pyghmi/.test(task.driver.power.name)

async function readAndClear(
  bmc: Requester,
  clear: boolean,
  pause: () => Promise<void>,
): Promise<Omit<SelReport, 'bmc'>> {
  const info = await selInfo(bmc)
  const entries = await readSel(bmc)
  if (clear) await clearSel(bmc, pause)
  return { info, entries, cleared: clear }
}

function tell({ ctx, node }: Task, { entries }: SelReport): void {
  const summary = `the event log of the BMC was cleared; it had ${entries.length} entries`
  recordEvent(ctx, { nodeUuid: node.uuid, kind: 'bmc', summary, entries: entries.length })
}
