import type { ConsoleInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** A console that can be switched and shows nothing (`drivers/modules/fake.py`). */
export const fakeConsole: ConsoleInterface = {
  name: 'fake',
  kind: 'console',
  properties: {},
  validate: nothing,
  startConsole: nothing,
  stopConsole: nothing,
  getConsole: () => Promise.resolve({}),
}
