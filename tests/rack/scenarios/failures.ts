// What goes wrong on the way, with real machines: a deployment must fail in bounded time, say why, and succeed when
// it is asked again.
import assert from 'node:assert/strict'
import { until } from '../../_util/peers/until.js'
import type { Machine } from '../machine.js'
import { imageOf, Operator, pairs } from '../operator.js'
import { ipmitool, type Rack } from '../rack.js'
import { deploys } from './direct.js'

/**
 * A deployment that is spoilt: `spoil` before it is asked for, `meddle` while it runs. One that times out
 * leaves its machine on, as upstream does; the others switch it off.
 */
type Trouble = {
  what: string
  says: RegExp
  leavesOn?: boolean
  spoil: (bench: Bench) => Promise<void> | void
  meddle?: (bench: Bench) => Promise<void>
}

type Bench = { rack: Rack; operator: Operator; machine: Machine }

const image = 'disk.raw'
const disk = { enough: 5120, tooSmall: 512 }

/** The agent of each deployment tries a download twice and not ten times. */
const hasty =
  '%default% ipa-image-download-connection-retries=1 ipa-image-download-connection-retry-interval=2'

const spoils =
  (mood: 'down' | 'cut' | 'stuck') =>
  ({ rack }: Bench): void => {
    Object.assign(rack.images, { mood, spoils: image, spoilt: 0 })
  }

const imageTroubles: Trouble[] = [
  { what: 'image server down', says: /image .*disk\.raw/i, spoil: spoils('down') },
  { what: 'image cut mid-way', says: /write_image failed .*disk\.raw/i, spoil: spoils('cut') },
  {
    what: 'wrong checksum',
    says: /write_image failed .*checksum/i,
    spoil: ({ rack, operator }) =>
      operator.set({
        'instance-info': pairs({ ...imageOf(rack, image), image_checksum: 'ab'.repeat(32) }),
      }),
  },
  {
    what: 'disk too small',
    says: /write_image failed .*No suitable device/i,
    spoil: ({ machine }) => machine.emptyDisk(disk.tooSmall),
  },
]

/** How long these wait for an agent, seconds; an emulated machine takes a while to its agent's first word. */
const patience = 150

const agentTroubles: Trouble[] = [
  {
    what: 'a ramdisk without an agent',
    says: /Timeout reached while waiting for callback/,
    leavesOn: true,
    spoil: ({ rack, operator }) =>
      operator.set({ 'driver-info': [`deploy_ramdisk=${rack.images.url}/instance.initramfs`] }),
  },
  {
    what: 'a machine that restarts mid-deploy',
    says: /Timeout reached .*lookup, was refused: the token of this boot was given out before; the agent has restarted/,
    leavesOn: true,
    spoil: spoils('stuck'),
    meddle: async ({ rack, machine }) => {
      const stuck = { what: 'a transfer that is stuck', timeoutMs: 240_000 }
      await until(() => Promise.resolve(rack.images.spoilt > 0 || undefined), stuck)
      await ipmitool(machine, 'power', 'reset')
    },
  },
]

/** The node's deployment fails for this reason; then everything is well again. */
async function fails(bench: Bench, trouble: Trouble): Promise<void> {
  const { rack, operator, machine } = bench
  await trouble.spoil(bench)
  const [error] = await Promise.all([operator.fails('deploy'), trouble.meddle?.(bench)])
  rack.images.mood = 'well'
  assert.match(error, trouble.says, trouble.what)
  const { provision_state: state } = await operator.show()
  assert.equal(state, 'deploy failed')
  assert.equal(machine.powerIsOn(), trouble.leavesOn ?? false)
  if (trouble.leavesOn) await isSwitchedOff(bench)
  machine.emptyDisk(disk.enough)
  await operator.set({ 'instance-info': pairs(imageOf(rack, image)) })
  await operator.set({ 'driver-info': [`deploy_ramdisk=${rack.images.url}/agent.initramfs`] })
}

async function isSwitchedOff({ operator, machine }: Bench): Promise<void> {
  await operator.run('power', 'off', operator.node)
  const off = { what: 'a machine that is off', timeoutMs: 60_000 }
  await until(() => Promise.resolve(!machine.powerIsOn() || undefined), off)
}

async function failsAndRecovers(rack: Rack, name: string, troubles: Trouble[]): Promise<void> {
  await using machine = await rack.machine({ name, firmware: 'bios' })
  const operator = await Operator.enroll(rack, machine, 'ipmi', {}, { kernel_append_params: hasty })
  await operator.run('set', operator.node, '--no-automated-clean')
  await operator.verb('provide')
  await operator.set({ 'instance-info': pairs(imageOf(rack, image)) })
  for (const trouble of troubles) await fails({ rack, operator, machine }, trouble)
  await deploys(operator, machine, image, name)
  await operator.timeline()
}

/** Images that cannot be had or are others, and a disk that cannot hold one. */
export const imagesFail = (rack: Rack): Promise<void> =>
  failsAndRecovers(rack, 'unlucky', imageTroubles)

/** Agents that do not call, or call and are not let in. */
export async function agentsFail(rack: Rack): Promise<void> {
  const conductor = { deploy_callback_timeout: patience, check_provision_state_interval: 5 }
  await rack.reconfigure({ conductor })
  await failsAndRecovers(rack, 'silent', agentTroubles)
  await rack.reconfigure({})
}
