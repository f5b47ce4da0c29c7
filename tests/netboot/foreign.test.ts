import { describe, expect, it } from 'vitest'
import { timeline } from '../../src/db/schema/index.js'
import { foreignOffers } from '../../src/metrics.js'
import { foreignServers } from '../../src/netboot/foreign.js'
import { netbootBed, ramdiskPlan } from './_bed.js'

const bed = netbootBed()
const offers = async () =>
  Object.fromEntries(
    (await foreignOffers.get()).values.map(({ labels, value }) => [labels.server, value]),
  )

describe('other DHCP servers', () => {
  it('are counted, and reported in the timeline of a machine that takes their offer', async () => {
    foreignOffers.reset()
    const node = await bed.machine('52:54:00:00:77:01', ramdiskPlan(bed.dir))
    const foreign = foreignServers(bed.ctx, ['192.0.2.1'], true)
    for (const server of ['192.0.2.1', '192.0.2.9', '192.0.2.9']) foreign.noticed(server, node)
    expect(await offers()).toEqual({ '192.0.2.9': 2 })
    await expect
      .poll(async () => (await bed.ctx.db.orm.select().from(timeline)).map((row) => row.summary))
      .toContain('DHCP: another server, 192.0.2.9, answers this machine')
  })

  it('count as one beyond a number of names, because packets can be forged', async () => {
    foreignOffers.reset()
    const foreign = foreignServers(bed.ctx, [], false)
    for (let n = 0; n < 5000; n++) foreign.noticed(`10.0.${n >> 8}.${n & 255}`, null)
    const seen = await offers()
    expect(Object.keys(seen)).toHaveLength(65)
    expect(seen['others']).toBe(5000 - 64)
  })
})
