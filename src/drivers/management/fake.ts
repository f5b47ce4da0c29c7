import { InvalidParameterValue } from '../../errors.js'
import { fakeDelay } from '../fake-delay.js'
import type { IndicatorInfo, ManagementInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'

const indicators: Readonly<Record<string, Record<string, IndicatorInfo>>> = {
  chassis: { 'led-0': { readonly: true, states: ['off', 'on'] } },
  system: { led: { readonly: false, states: ['blinking', 'off', 'on'] } },
}
const devices = ['pxe']
const wait = (task: Task): Promise<void> => fakeDelay(task, 'management_delay')

/** Management of a machine that only knows PXE (`drivers/modules/fake.py`). */
export const fakeManagement: ManagementInterface = {
  name: 'fake',
  kind: 'management',
  properties: {},
  validate: nothing,
  supportedBootDevices: () => Promise.resolve([...devices]),

  async setBootDevice(task, device) {
    await wait(task)
    if (!devices.includes(device)) {
      throw new InvalidParameterValue(`Invalid boot device ${device} specified.`)
    }
  },

  async getBootDevice(task) {
    await wait(task)
    return { boot_device: 'pxe', persistent: false }
  },

  async getSensorsData(task) {
    await wait(task)
    return {}
  },

  async supportedIndicators(task, component) {
    await wait(task)
    return Object.fromEntries(
      Object.entries(indicators).filter(([name]) => !component || name === component),
    )
  },

  async getIndicatorState(task, component, indicator) {
    await wait(task)
    const known = indicators[component]
    if (known === undefined) {
      throw new InvalidParameterValue(`Invalid component ${component} specified.`)
    }
    if (known[indicator] === undefined) {
      throw new InvalidParameterValue(`Invalid indicator ${indicator} specified.`)
    }
    return 'on'
  },
}
