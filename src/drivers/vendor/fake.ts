import { InvalidParameterValue } from '../../errors.js'
import { fakeDelay } from '../fake-delay.js'
import type { PassthruMethod, StepDefinition, VendorInterface } from '../interfaces.js'
import { nothing } from '../support.js'
import { passthru, requireBar } from './methods.js'

/** A method that compares its only argument, `bar`, with a word. */
const compares = (
  method: string,
  word: string,
  differs: Parameters<typeof passthru>[2] = {},
): PassthruMethod =>
  passthru(
    `Test if the value of bar is ${word}`,
    async (task, args) => {
      const surplus = Object.keys(args).find((name) => name !== 'bar')
      if (surplus !== undefined)
        throw new InvalidParameterValue(
          `${method}() got an unexpected keyword argument '${surplus}'`,
        )
      await fakeDelay(task, 'vendor_delay')
      return args['bar'] === word
    },
    differs,
  )

export const fakeVendorAMethods = { first_method: compares('first_method', 'baz') }
export const fakeVendorBMethods = {
  second_method: compares('second_method', 'kazoo'),
  third_method_sync: compares('third_method_sync', 'meow', { async: false }),
  fourth_method_shared_lock: compares('fourth_method_shared_lock', 'woof', {
    requireExclusiveLock: false,
  }),
  log_passthrough: passthru('Test pass-through to wait.', async (task, args) => {
    task.ctx.log.drivers.debug(
      { node: task.node.uuid, args: Object.keys(args) },
      'fake vendor passthru',
    )
    await fakeDelay(task, 'vendor_delay')
  }),
}

const logStep: Omit<StepDefinition, 'kind' | 'priority'> = {
  step: 'log_passthrough',
  requiresRamdisk: false,
  argsinfo: null,
  async run(task) {
    await fakeDelay(task, 'vendor_delay')
    return undefined
  },
}
const triggerServiceWait: StepDefinition = {
  step: 'trigger_servicewait',
  kind: 'service',
  priority: 0,
  requiresRamdisk: true,
  argsinfo: null,
  run: () => Promise.resolve('service wait'),
}
const needBar = new Set(['second_method', 'third_method_sync', 'fourth_method_shared_lock'])

/** Vendor methods and steps to try the machinery with (`FakeVendorB` in `drivers/modules/fake.py`). */
export const fakeVendor: VendorInterface = {
  name: 'fake',
  kind: 'vendor',
  properties: { B1: 'B1 description. Required.', B2: 'B2 description. Required.' },
  nodeMethods: fakeVendorBMethods,
  driverMethods: {},
  steps: [
    { ...logStep, kind: 'clean', priority: 1 },
    { ...logStep, kind: 'service', priority: 0 },
    triggerServiceWait,
  ],
  validate: nothing,
  async validateMethod(_task, method, args) {
    await Promise.resolve()
    if (needBar.has(method)) requireBar(method, args)
  },
}

/** The vendor interface of Liberty's `fake` driver: its A and B fakes in one. */
export const fakeVendorMixin: VendorInterface = {
  name: 'fake-mixin',
  kind: 'vendor',
  properties: {
    A1: 'A1 description. Required.',
    A2: 'A2 description. Optional.',
    ...fakeVendor.properties,
  },
  nodeMethods: {
    ...fakeVendorAMethods,
    second_method: fakeVendorBMethods.second_method,
    third_method_sync: fakeVendorBMethods.third_method_sync,
  },
  driverMethods: {},
  validate: nothing,
  async validateMethod(_task, method, args) {
    await Promise.resolve()
    requireBar(method, args)
  },
}
