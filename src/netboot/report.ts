import { background } from '../background.js'
import { bootRequests } from '../metrics.js'
import type { BootEvent, BootReport } from './boot-event.js'
import { machineByMac } from './machines.js'
import type { NetbootContext } from './machines.js'
import { macAt } from './neighbours.js'
import { timelineGate } from './timeline-gate.js'
import type { TimelineGate } from './timeline-gate.js'

/**
 * Creates the report of boot requests, which counts them and records them in the timelines of their
 * nodes (timeline-gate.ts). `report` never throws and never waits. `close` records what was only counted.
 */
export function bootReport(ctx: NetbootContext): { report: BootReport; close: () => void } {
  const gate = timelineGate(ctx)
  const report: BootReport = (event) => {
    bootRequests.inc({ protocol: event.protocol, outcome: event.outcome })
    ctx.log.boot.debug(event, event.summary)
    background(ctx.log.boot, 'record a boot request', record(ctx, gate, event))
  }
  return { report, close: () => gate.close() }
}

async function record(ctx: NetbootContext, gate: TimelineGate, event: BootEvent): Promise<void> {
  try {
    const nodeUuid = event.node ?? (await nodeAt(ctx, event))
    if (nodeUuid !== null) gate.record(nodeUuid, event)
  } catch (error) {
    ctx.log.boot.warn({ error }, 'a boot request could not be recorded in a timeline')
  }
}

async function nodeAt(ctx: NetbootContext, { mac, address }: BootEvent): Promise<string | null> {
  const owner = mac ?? (address === undefined ? null : await macAt(ctx, address))
  return owner === null ? null : ((await machineByMac(ctx, owner))?.uuid ?? null)
}
