import { background } from '../background.js'
import { bootRequests } from '../metrics.js'
import type { BootEvent, BootReport } from './boot-event.js'
import { machineByMac } from './machines.js'
import type { NetbootContext } from './machines.js'
import { macAt } from './neighbours.js'
import { timelineGate } from './timeline-gate.js'
import type { TimelineGate } from './timeline-gate.js'

/**
 * Counts requests and tells them in the timelines of their nodes (timeline-gate.ts). `report` never throws
 * and never waits; `close` tells what was only counted so far.
 */
export function bootReport(ctx: NetbootContext): { report: BootReport; close: () => void } {
  const gate = timelineGate(ctx)
  const report: BootReport = (event) => {
    bootRequests.inc({ protocol: event.protocol, outcome: event.outcome })
    ctx.log.boot.debug(event, event.summary)
    background(ctx.log.boot, 'record a boot request', tell(ctx, gate, event))
  }
  return { report, close: () => gate.close() }
}

async function tell(ctx: NetbootContext, gate: TimelineGate, event: BootEvent): Promise<void> {
  try {
    const nodeUuid = event.node ?? (await nodeAt(ctx, event))
    if (nodeUuid !== null) gate.tell(nodeUuid, event)
  } catch (error) {
    ctx.log.boot.warn({ error }, 'a boot request could not be told in a timeline')
  }
}

async function nodeAt(ctx: NetbootContext, { mac, address }: BootEvent): Promise<string | null> {
  const found = mac ?? (address === undefined ? null : await macAt(ctx, address))
  return found === null ? null : ((await machineByMac(ctx, found))?.uuid ?? null)
}
