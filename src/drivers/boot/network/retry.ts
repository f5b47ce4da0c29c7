import { timeOf } from '../../agent/alive.js'
import { infoOf } from '../../internal-info.js'
import type { InterfacePeriodic, Task } from '../../interfaces.js'
import { setNetworkDevice } from './first-device.js'
import type { Flavour } from './flavour.js'

const waiting = ['wait call-back', 'clean wait', 'rescue wait']

/** Whether an agent has started: it has a token as soon as it looks its node up. */
const hasAgent = (node: Task['node'] | Readonly<Task['node']>): boolean =>
  Boolean(infoOf(node)['agent_secret_token'])

/** Whether the machine was booted longer ago than `[pxe] boot_retry_timeout` and did not call. */
function isOverdue({ node, ctx }: Task): boolean {
  const seconds = ctx.config.pxe.boot_retry_timeout
  if (seconds === null || hasAgent(node) || !waiting.includes(node.provisionState)) return false
  const { agent_last_heartbeat: heard, last_power_state_change: switched } = infoOf(node)
  const since = ctx.clock.now().getTime() - seconds * 1000
  return ![node.provisionUpdatedAt, heard, switched].some((at) => timeOf(at) >= since)
}

/**
 * Boots ramdisks again that did not call within `[pxe] boot_retry_timeout` (`pxe_base.py`,
 * _check_boot_timeouts).
 */
export const bootRetry = (flavour: Flavour): InterfacePeriodic => ({
  name: 'boot retry',
  interval: ({ pxe }) => (pxe.boot_retry_timeout === null ? 0 : pxe.boot_retry_check_interval),
  states: waiting,
  filter: (node) => !hasAgent(node),
  async run(task, reserve) {
    if (!isOverdue(task)) return
    await reserve(async (held) => {
      if (!isOverdue(held)) return
      const timeout = held.ctx.config.pxe.boot_retry_timeout
      held.ctx.log.boot.info(
        { node: held.node.uuid, timeout },
        'the ramdisk did not call in time; the machine boots it again',
      )
      if (!held.node.disablePowerOff) await held.powerAction('power off')
      await setNetworkDevice(held, flavour, false)
      await held.powerAction(held.node.disablePowerOff ? 'rebooting' : 'power on')
    })
  },
})
