// Every scenario, in the order they run.
import type { Scenario } from '../scenario.js'
import { bmcObeys } from './bmc.js'

import { fastTrack, thorough } from './direct.js'
import { failsAndRecovers } from './failures.js'
import { agentIpmitool, pxeLocalBoot, pxeNetBoot, pxeWholeDisk } from './liberty.js'
import { wholeLife } from './life.js'
import { virtualMedia } from './redfish.js'

export const scenarios: Scenario[] = [
  { name: 'machines obey their BMC', ci: true, minutes: 4, run: bmcObeys },
  {
    name: 'agent, BIOS: inspect, clean, deploy',
    ci: false,
    minutes: 15,
    run: (rack) => thorough(rack, { name: 'seabios', firmware: 'bios', image: 'disk.raw' }),
  },
  {
    name: 'agent, UEFI: inspect, clean, deploy in one boot',
    ci: true,
    minutes: 12,
    run: (rack) => fastTrack(rack, { name: 'uefi', firmware: 'uefi', image: 'disk.qcow2' }),
  },
  {
    name: 'agent, UEFI HTTP boot',
    ci: false,
    minutes: 12,
    run: (rack) =>
      fastTrack(rack, {
        name: 'http',
        firmware: 'uefi-http',
        image: 'disk.raw',
        boot: 'http-ipxe',
      }),
  },
  { name: 'pxe_ipmitool: iSCSI, net boot', ci: true, minutes: 8, run: pxeNetBoot },
  { name: 'pxe_ipmitool: iSCSI, local boot', ci: false, minutes: 8, run: pxeLocalBoot },
  { name: 'pxe_ipmitool: iSCSI, whole disk', ci: false, minutes: 8, run: pxeWholeDisk },
  { name: 'agent_ipmitool: Liberty calls', ci: false, minutes: 12, run: agentIpmitool },
  { name: 'rescue, rebuild, tear down', ci: false, minutes: 25, run: wholeLife },
  { name: 'redfish: virtual media', ci: false, minutes: 12, run: virtualMedia },
  { name: 'failures and retries', ci: false, minutes: 25, run: failsAndRecovers },
]
