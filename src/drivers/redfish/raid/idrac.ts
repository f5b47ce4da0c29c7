import { waitUntilRealTime } from '../idrac.js'
import type { RaidInterface, StepDefinition } from '../../interfaces.js'
import { application, creation, deletion, of, redfishRaid } from './interface.js'

type Work = Pick<StepDefinition, 'step' | 'argsinfo' | 'run'>

/** Controllers take changes at once when the iDRAC is ready for that, minutes after a start. */
const whenReady = (work: Work): Work => ({
  ...work,
  run: async (task, args) => {
    await waitUntilRealTime(task)
    return await work.run(task, args)
  },
})
const [create, apply, remove] = [creation, application, deletion].map(whenReady) as [
  Work,
  Work,
  Work,
]

/** RAID of Dell's machines by Redfish (`drivers/modules/drac/raid.py`). */
export const idracRaid: RaidInterface = {
  ...redfishRaid,
  name: 'idrac-redfish',
  steps: [
    { ...create, kind: 'clean', priority: 0, abortable: false, requiresRamdisk: false },
    ...of(apply, 'deploy', 'service'),
    { ...remove, kind: 'clean', priority: 0, requiresRamdisk: false },
    ...of(remove, 'deploy'),
  ],
}
