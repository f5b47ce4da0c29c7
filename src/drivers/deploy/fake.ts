import { fakeDelay } from '../fake-delay.js'
import type { DeployInterface, StepResult, Task } from '../interfaces.js'
import { nothing } from '../support.js'

const wait = (task: Task): Promise<void> => fakeDelay(task, 'deploy_delay')

/** Deployment that is over at once (`drivers/modules/fake.py`). */
export const fakeDeploy: DeployInterface = {
  name: 'fake',
  kind: 'deploy',
  properties: {},
  steps: [
    {
      step: 'deploy',
      kind: 'deploy',
      priority: 100,
      argsinfo: null,
      async run(task): Promise<StepResult> {
        await wait(task)
        return undefined
      },
    },
  ],
  validate: nothing,
  prepare: wait,
  tearDown: wait,
  cleanUp: wait,
  takeOver: wait,
  prepareCleaning: () => Promise.resolve(undefined),
  tearDownCleaning: nothing,
  prepareService: () => Promise.resolve(undefined),
  tearDownService: nothing,
}
