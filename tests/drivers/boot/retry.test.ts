import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/db/columns.js'
import type { FlowControl, PowerTarget } from '../../../src/drivers/interfaces.js'
import { testTask } from '../_util/task.js'

const now = new Date('2026-01-01T01:00:00Z')
const ago = (minutes: number): string =>
  new Date(now.getTime() - minutes * 60_000).toISOString().replace('Z', '')

/** One round over a node that has waited for an hour. @returns what was done to its machine */
async function round(info: JsonObject, more: object = {}): Promise<unknown[]> {
  const done: unknown[] = []
  const task = await testTask({
    now,
    node: {
      bootInterface: 'ipxe',
      provisionState: 'clean wait',
      provisionUpdatedAt: new Date(now.getTime() - 3_600_000),
      driverInternalInfo: info,
      ...more,
    },
    config: {
      DEFAULT: { enabled_boot_interfaces: ['ipxe'] },
      pxe: { boot_retry_timeout: 1200, boot_retry_check_interval: 45 },
    },
  })
  const management = {
    ...task.driver.management,
    setBootDevice: (_task: unknown, device: string, persistent: boolean) =>
      Promise.resolve(void done.push([device, persistent])),
  }
  Object.defineProperty(task, 'driver', { value: { ...task.driver, management } })
  const powerAction = (target: PowerTarget) => Promise.resolve(void done.push(target))
  Object.defineProperty(task, 'powerAction', { value: powerAction })
  const [periodic] = task.driver.boot.periodics ?? []
  expect(periodic?.interval(task.ctx.config)).toBe(45)
  if (periodic === undefined || !periodic.filter(task.node)) return done
  await periodic.run(task, async (work) => await work(task, {} as FlowControl))
  return done
}

describe('[pxe] boot_retry_timeout', () => {
  it.each<[string, JsonObject, object]>([
    ['that was switched lately', { last_power_state_change: ago(5) }, {}],
    ['whose agent called lately', { agent_last_heartbeat: ago(5) }, {}],
    ['whose agent has its token', { agent_secret_token: 't' }, {}],
    ['whose flow waits since shortly', {}, { provisionUpdatedAt: now }],
  ])('leaves a machine alone %s', async (_what, info, more) => {
    expect(await round(info, more)).toEqual([])
  })

  it('boots a silent ramdisk again', async () => {
    const again = ['power off', ['pxe', false], 'power on']
    expect(await round({ last_power_state_change: ago(30) })).toEqual(again)
    const never = { disablePowerOff: true }
    expect(await round({}, never)).toEqual([['pxe', false], 'rebooting'])
  })
})
