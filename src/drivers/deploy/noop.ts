import type { DeployInterface } from '../interfaces.js'
import { nothing } from '../support.js'

/** Deployment that does nothing: the operator brings the image (`drivers/modules/noop.py`). */
export const noopDeploy: DeployInterface = {
  name: 'noop',
  kind: 'deploy',
  properties: {},
  steps: [
    {
      step: 'deploy',
      kind: 'deploy',
      priority: 100,
      argsinfo: null,
      run: () => Promise.resolve(undefined),
    },
  ],
  validate: nothing,
  prepare: nothing,
  tearDown: nothing,
  cleanUp: nothing,
  takeOver: nothing,
  prepareCleaning: () => Promise.resolve(undefined),
  tearDownCleaning: nothing,
  prepareService: () => Promise.resolve(undefined),
  tearDownService: nothing,
}
