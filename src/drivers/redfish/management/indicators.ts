import { InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import type { Document } from '../../../protocols/redfish/client.js'
import { BmcError } from '../../../protocols/redfish/errors.js'
import { chassisOf } from '../../../protocols/redfish/resources/chassis.js'
import { drivesOf, storagesOf } from '../../../protocols/redfish/resources/storage.js'
import type { System } from '../../../protocols/redfish/resources/system.js'
import type { IndicatorInfo, Task } from '../../interfaces.js'
import { withBmc, type Bmc } from '../bmc.js'

/** LEDs (`drivers/modules/redfish/management.py`): upstream's names of states and the standard's. */
const lit: Readonly<Record<string, string>> = { on: 'Lit', off: 'Off', blinking: 'Blinking' }
const info: IndicatorInfo = { readonly: false, states: ['blinking', 'off', 'on'] }

interface Led {
  readonly id: string
  readonly state: string | null
  readonly document: Document
}
const components = ['chassis', 'system', 'disk'] as const
type Component = (typeof components)[number]

const finders: Readonly<Record<Component, (bmc: Bmc, system: System) => Promise<Led[]>>> = {
  chassis: async (bmc, system) =>
    (await chassisOf(bmc.talk, system)).map((c) => led(c.uuid, c.indicatorLed, c.document)),
  system: (_bmc, system) =>
    Promise.resolve([led(system.uuid, system.indicatorLed, system.document)]),
  disk: async (bmc, system) => {
    const found: Led[] = []
    for (const storage of await storagesOf(bmc.talk, system)) {
      for (const drive of await drivesOf(bmc.talk, storage)) {
        found.push(led(`${storage.id}:${drive.id}`, drive.indicatorLed, drive.document))
      }
    }
    return found
  },
}
const led = (id: string | null, state: string | null, document: Document): Led => ({
  id: id ?? '',
  state,
  document,
})

/** The LEDs there are; a component that cannot be read has none. @throws RedfishError */
export async function supportedIndicators(
  task: Task,
  component?: string,
): Promise<Record<string, Record<string, IndicatorInfo>>> {
  return await withBmc(task, async (bmc) => {
    const system = await bmc.system()
    const all: Record<string, Record<string, IndicatorInfo>> = {}
    for (const kind of components) {
      if (component !== undefined && component !== kind) continue
      const leds = (await quietly(bmc, kind, system)).filter((l) => l.state !== null)
      if (leds.length > 0) all[kind] = Object.fromEntries(leds.map((l) => [l.id, info]))
    }
    return all
  })
}

async function quietly(bmc: Bmc, kind: Component, system: System): Promise<Led[]> {
  try {
    return await finders[kind](bmc, system)
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    const log = bmc.task.ctx.log.bmc
    log.debug(
      { reason: error.message, node: bmc.task.node.uuid, kind },
      'indicators are not to be had',
    )
    return []
  }
}

/** @throws MissingParameterValue for an LED that does not exist, RedfishError */
export async function getIndicatorState(
  task: Task,
  component: string,
  indicator: string,
): Promise<string> {
  const { uuid } = task.node
  return await withBmc(
    task,
    async (bmc) => {
      const { state } = await find(bmc, component, indicator)
      return Object.keys(lit).find((name) => lit[name] === state) ?? 'unknown'
    },
    (reason) =>
      `Redfish get ${component} indicator ${indicator} state failed for node ${uuid}. Error: ${reason}`,
  )
}

/** @throws InvalidParameterValue, MissingParameterValue, RedfishError */
export async function setIndicatorState(
  task: Task,
  component: string,
  indicator: string,
  state: string,
): Promise<void> {
  const wanted = lit[state.toLowerCase()]
  if (wanted === undefined) {
    throw new InvalidParameterValue(`Invalid indicator state ${state} specified.`)
  }
  const { uuid } = task.node
  await withBmc(
    task,
    async (bmc) => {
      const { document } = await find(bmc, component, indicator)
      await bmc.talk.patch(document, { IndicatorLED: wanted })
    },
    (reason) =>
      `Redfish set ${component} indicator ${indicator} state ${state} failed for node ${uuid}. Error: ${reason}`,
  )
}

async function find(bmc: Bmc, component: string, indicator: string): Promise<Led> {
  const kind = components.find((c) => c === component)
  const leds = kind === undefined ? [] : await finders[kind](bmc, await bmc.system())
  const found = leds.find((l) => l.id === indicator)
  if (found !== undefined) return found
  throw new MissingParameterValue(
    `Unknown indicator ${indicator} for component ${component} of node ${bmc.task.node.uuid}`,
  )
}
