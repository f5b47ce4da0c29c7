import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { fakeDelay } from '../fake-delay.js'
import type { BiosInterface, StepDefinition, StepResult, Task } from '../interfaces.js'
import { pythonStr } from '../../python/repr.js'
import { nothing } from '../support.js'
import type { BiosSetting } from './settings.js'
import { removeBiosSettings, syncBiosSettings } from './settings.js'

const settingsArgument = {
  settings: {
    description:
      'List of BIOS settings, each item needs to contain a dictionary with name/value pairs',
    required: true,
  },
}

/**
 * The `settings` argument of the step as settings.
 * @throws InvalidParameterValue when it is not a list of objects with a name
 */
function readSettings(argument: unknown): BiosSetting[] {
  if (!Array.isArray(argument)) {
    throw new InvalidParameterValue('The BIOS settings must be a list of name/value pairs.')
  }
  return argument.map((item: unknown) => {
    const { name, value } = (item ?? {}) as JsonObject
    if (typeof name !== 'string') {
      throw new InvalidParameterValue('Every BIOS setting needs a name.')
    }
    if (value === undefined) throw new InvalidParameterValue(`BIOS setting ${name} needs a value.`)
    return { name, value: value === null ? null : pythonStr(value) }
  })
}

async function applyConfiguration(task: Task, args: JsonObject): Promise<StepResult> {
  await fakeDelay(task, 'bios_delay')
  const settings = readSettings(args['settings'])
  await syncBiosSettings(task.ctx.db.orm, task.node.id, settings, task.ctx.clock.now())
  return undefined
}

async function factoryReset(task: Task): Promise<StepResult> {
  await fakeDelay(task, 'bios_delay')
  await removeBiosSettings(task.ctx.db.orm, task.node.id)
  return undefined
}

const cleanStep = (
  step: string,
  run: StepDefinition['run'],
  argsinfo: StepDefinition['argsinfo'] = null,
): StepDefinition => ({ step, kind: 'clean', priority: 0, argsinfo, run })

/** BIOS settings that live in the database alone (`drivers/modules/fake.py`). */
export const fakeBios: BiosInterface = {
  name: 'fake',
  kind: 'bios',
  properties: {},
  steps: [
    cleanStep('apply_configuration', applyConfiguration, settingsArgument),
    cleanStep('cache_bios_settings', async (task) => {
      await fakeDelay(task, 'bios_delay')
      return undefined
    }),
    cleanStep('factory_reset', factoryReset),
  ],
  validate: nothing,
  cacheBiosSettings: (task) => fakeDelay(task, 'bios_delay'),
}
