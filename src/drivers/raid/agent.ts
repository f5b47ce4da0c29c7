import type { RaidInterface, StepDefinition } from '../interfaces.js'
import { refuse } from '../support.js'
import { genericRaid } from './generic.js'
import { logicalDiskProperties } from './schema.js'

const applyArguments = {
  raid_config: { description: 'The RAID configuration to apply.', required: true },
  delete_existing: {
    description:
      "Setting this to 'True' indicates to delete existing RAID configuration prior to creating the new configuration. Default value is 'True'.",
    required: false,
  },
}
const apply: Omit<StepDefinition, 'kind'> = {
  step: 'apply_configuration',
  priority: 0,
  argsinfo: applyArguments,
  run: refuse('apply_configuration'),
}
const clean = (step: string): StepDefinition => ({
  step,
  kind: 'clean',
  priority: 0,
  argsinfo: null,
  run: refuse(step),
})

/** RAID that the agent builds (`AgentRAID` in `drivers/modules/agent.py`). */
export const agentRaid: RaidInterface = {
  name: 'agent',
  kind: 'raid',
  properties: {},
  logicalDiskProperties,
  ...genericRaid,
  steps: [
    { ...apply, kind: 'deploy' },
    { ...apply, kind: 'service' },
    clean('create_configuration'),
    clean('delete_configuration'),
  ],
}
