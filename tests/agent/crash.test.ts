import { describe, expect, it } from 'vitest'
import { workUntilDeath } from '../conductor/_crash.js'
import { agentBed } from './_util/bed.js'

const bed = agentBed()

/** What is queued when the conductor dies, and at which statement of it. */
const deaths: readonly [string, number, number][] = [
  ['while it prepares the machine', 0, 3],
  ['while the machine boots into the agent', 0, 6],
  ['while it takes the first heartbeat in', 1, 2],
  ['while it has the image written', 1, 4],
  ['while it learns that the image is written', 2, 2],
]

describe('a conductor dies', () => {
  it.each(deaths)('%s, and another ends the deployment', async (_scenario, beats, statement) => {
    const node = await bed.node({ instanceInfo: bed.image })
    const machine = bed.machine(node)
    await bed.verb(node, 'active')
    if (beats > 0) {
      await bed.drain()
      await machine.agent!.start()
      if (beats > 1) await bed.turn(node)
      machine.agent!.finish()
      await machine.agent!.heartbeat()
    }
    expect(bed.ctx.queue.messages.length).toBeGreaterThan(0)
    expect(await workUntilDeath(bed.ctx, statement, 'unacknowledged')).toBe(true)
    await bed.takenOver()
    const done = await bed.until(node, 'active', 20)
    expect(done.lastError).toBeNull()
    expect(machine.booted.at(-1)).toBe('instance')
  })
})
