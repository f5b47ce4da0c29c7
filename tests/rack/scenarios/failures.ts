// What goes wrong on the way, with real machines: a deployment must fail in bounded time, say why, and succeed when
// it is asked again.
import assert from 'node:assert/strict'
import type { Machine } from '../machine.js'
import { imageOf, Operator, pairs } from '../operator.js'
import type { Rack } from '../rack.js'
import { deploys } from './direct.js'

type Trouble = {
  what: string
  spoil: (rack: Rack, operator: Operator) => Promise<void>
  says: RegExp
}

const troubles: Trouble[] = [
  {
    what: 'wrong checksum',
    says: /checksum/i,
    spoil: (rack, operator) =>
      operator.set({
        'instance-info': pairs({ ...imageOf(rack, 'disk.raw'), image_checksum: 'ab'.repeat(32) }),
      }),
  },
  {
    what: 'image cut mid-way',
    says: /download|image/i,
    spoil: async (rack, operator) => {
      await operator.set({ 'instance-info': pairs(imageOf(rack, 'disk.raw')) })
      rack.images.mood = 'cut'
      rack.images.spoils = 'disk.raw'
    },
  },
]

async function fails(
  rack: Rack,
  operator: Operator,
  machine: Machine,
  one: Trouble,
): Promise<void> {
  await one.spoil(rack, operator)
  const error = await operator.fails('deploy')
  rack.images.mood = 'well'
  assert.match(error, one.says, one.what)
  const { provision_state: state } = await operator.show()
  assert.equal(state, 'deploy failed')
  assert.equal(machine.powerIsOn(), false)
}

/** Each trouble fails the deployment for its reason; then the same node is deployed. */
export async function failsAndRecovers(rack: Rack): Promise<void> {
  await using machine = await rack.machine({ name: 'unlucky', firmware: 'bios' })
  const operator = await Operator.enroll(rack, machine, 'ipmi')
  await operator.run('set', operator.node, '--no-automated-clean')
  await operator.verb('provide')
  for (const one of troubles) await fails(rack, operator, machine, one)
  await deploys(operator, machine, 'disk.raw', 'lucky')
  await operator.timeline()
}
