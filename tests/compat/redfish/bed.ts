// A task on a node whose BMC is at an address, and the BMC read with plain HTTP.
import { systemClock } from '../../../src/clock.js'
import type { ConfigOverrides } from '../../../src/config/index.js'
import type { JsonObject } from '../../../src/db/columns.js'
import { testTask, type TestTask } from '../../drivers/_util/task.js'

export const systemPath = '/redfish/v1/Systems/27946b59-9e44-4fa7-8e91-f3527a1ef094'

export const config: ConfigOverrides = {
  DEFAULT: { enabled_hardware_types: ['redfish', 'idrac'], enabled_bios_interfaces: ['redfish'] },
  conductor: { power_state_change_timeout: 20 },
  redfish: {
    connection_attempts: 3,
    connection_retry_interval: 1,
    connect_timeout: 3,
    read_timeout: 3,
    power_on_conflict_retry_interval: 1,
  },
}

export interface Bed {
  readonly url: string
  /** The account's keys of driver_info. */
  readonly account: Readonly<Record<string, string>>
  task(node?: JsonObject, driverInfo?: JsonObject): Promise<TestTask>
  /** What the BMC itself says. */
  read(path?: string): Promise<JsonObject>
  change(method: 'PATCH' | 'POST', path: string, body: JsonObject): Promise<void>
}

/** A bed for the BMC at `url`; the clock is the real one. */
export function bedOf(
  url: string,
  credentials: { username: string; password: string } | null,
): Bed {
  const auth: Record<string, string> =
    credentials === null
      ? {}
      : { Authorization: `Basic ${btoa(`${credentials.username}:${credentials.password}`)}` }
  const account: Record<string, string> =
    credentials === null
      ? {}
      : { redfish_username: credentials.username, redfish_password: credentials.password }
  return {
    url,
    account,
    task: (node = {}, driverInfo = {}) =>
      testTask({
        node: {
          driver: 'redfish',
          driverInfo: { redfish_address: url, ...account, ...driverInfo },
          ...node,
        },
        config,
        ctx: { clock: systemClock },
      }),
    async read(path = systemPath) {
      const answer = await fetch(`${url}${path}`, { headers: auth })
      return JSON.parse(await answer.text())
    },
    async change(method, path, body) {
      const headers = { ...auth, 'Content-Type': 'application/json' }
      const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    },
  }
}
