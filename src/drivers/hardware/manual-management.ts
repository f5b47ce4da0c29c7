import { genericSupported, hardwareType } from './declare.js'

/** A machine that somebody switches by hand (`drivers/generic.py`). */
export const manualManagement = hardwareType({
  name: 'manual-management',
  className: 'ManualManagementHardware',
  supported: {
    deploy: [...genericSupported.deploy, 'noop'],
    management: ['noop', 'fake'],
    power: ['agent', 'fake'],
  },
})
