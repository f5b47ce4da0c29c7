import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { nodes, timeline } from '../../src/db/schema/index.js'
import { bootReport } from '../../src/netboot/report.js'
import type { BootEvent } from '../../src/netboot/boot-event.js'
import { flushTimeline } from '../../src/timeline.js'
import { StandingClock } from '../conductor/_clock.js'
import { likeBed } from '../conductor/_harness.js'
import { netbootBed } from './_bed.js'

const bed = netbootBed()
const [mac, other] = ['52:54:00:00:00:01', '52:54:00:00:00:02']
let node: string
beforeEach(async () => {
  await bed.ctx.db.orm.delete(nodes)
  node = await bed.machine(mac, null)
})

const discover = (n: number, more: Partial<BootEvent> = {}): BootEvent => ({
  protocol: 'dhcp',
  node,
  mac,
  summary: `DHCP discover ${n}`,
  outcome: 'done',
  ...more,
})

async function entries(uuid = node) {
  await flushTimeline(bed.ctx)
  const { orm } = bed.ctx.db
  return orm
    .select({ at: timeline.at, summary: timeline.summary, detail: timeline.detail })
    .from(timeline)
    .innerJoin(nodes, eq(nodes.id, timeline.nodeId))
    .where(eq(nodes.uuid, uuid))
    .orderBy(timeline.id)
}

/** A clock whose minute ends when the test ends it. */
class OneMinute extends StandingClock {
  readonly over: (() => void)[] = []
  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    const ended = new Promise<void>((resolve) => this.over.push(resolve))
    return Promise.race([ended, super.sleep(_ms, signal)])
  }
}

/** A report whose minutes end by `minute`. */
function reporting() {
  const clock = new OneMinute()
  const { report, close } = bootReport(likeBed(bed.ctx, { clock, services: bed.ctx.services }))
  const minute = async () => {
    clock.advance(60_000)
    for (const over of clock.over.splice(0)) over()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, report, close, minute }
}

describe('boot requests in the timeline of a node', () => {
  it('are recorded one by one while they are as many as those of a boot', async () => {
    const { report, minute } = reporting()
    for (let n = 1; n <= 60; n += 1) report(discover(n))
    await minute()
    expect((await entries()).map((one) => one.summary)).toEqual(
      Array.from({ length: 60 }, (_, n) => `DHCP discover ${n + 1}`),
    )
  })

  it('are counted in a flood, of which the first ones and the last one are recorded', async () => {
    const { clock, report, minute } = reporting()
    for (let n = 1; n <= 10_000; n += 1) report(discover(n))
    clock.advance(30_000)
    report(discover(10_001))
    const last = clock.now()
    await minute()
    const recorded = await entries()
    expect(recorded).toHaveLength(61)
    expect(recorded[0]?.summary).toBe('DHCP discover 1')
    expect(recorded.at(-1)).toMatchObject({
      at: last,
      summary: 'DHCP: 9941 more requests within a minute, the last: DHCP discover 10001',
      detail: { requests: 9941, mac },
    })
  })

  it('are recorded again in the next minute', async () => {
    const { report, minute } = reporting()
    for (let n = 1; n <= 61; n += 1) report(discover(n))
    await minute()
    report(discover(62))
    const summaries = (await entries()).map((one) => one.summary)
    expect(summaries.slice(-2)).toEqual(['DHCP discover 61', 'DHCP discover 62'])
    expect(summaries).toHaveLength(62)
  })

  it('do not hide those of another protocol or another node', async () => {
    const neighbour = await bed.machine(other, null)
    const { report } = reporting()
    for (let n = 1; n <= 1000; n += 1) report(discover(n))
    report(discover(0, { protocol: 'tftp', summary: 'TFTP pxelinux.0: done' }))
    report(discover(0, { node: neighbour, mac: other, summary: 'DHCP of the neighbour' }))
    expect((await entries()).at(-1)?.summary).toBe('TFTP pxelinux.0: done')
    expect((await entries(neighbour)).map((one) => one.summary)).toEqual(['DHCP of the neighbour'])
  })

  it('are recorded when the service ends before the minute does', async () => {
    const { report, close } = reporting()
    for (let n = 1; n <= 100; n += 1) report(discover(n))
    close()
    expect((await entries()).at(-1)?.summary).toContain('40 more requests')
  })
})
