// Every scenario, in the order they run.
import type { Rack } from '../rack.js'
import type { Scenario } from '../scenario.js'
import { bmcObeys } from './bmc.js'
import { fastTrack, thorough } from './direct.js'
import { agentsFail, imagesFail } from './failures.js'
import { agentIpmitool, pxeLocalBoot, pxeNetBoot, pxeWholeDisk } from './liberty.js'
import { wholeLife } from './life.js'
import { virtualMedia } from './redfish.js'

const lifeOf = (name: string, firmware: 'bios' | 'uefi', image: string) => (rack: Rack) =>
  wholeLife(rack, { name, firmware, image })
const httpBoot = {
  name: 'http',
  firmware: 'uefi-http',
  image: 'disk.raw',
  boot: 'http-ipxe',
} as const
const bios = { name: 'seabios', firmware: 'bios', image: 'disk.raw' } as const

export const scenarios: Scenario[] = [
  { name: 'machines obey their BMC', ci: true, minutes: 4, run: bmcObeys },
  // Long ones first: where several are played at a time, the short ones fill up the end.
  {
    name: 'agent, UEFI: inspect, clean, deploy, rescue, rebuild, tear down',
    ci: true,
    minutes: 14,
    run: lifeOf('uefi', 'uefi', 'disk.qcow2'),
  },
  {
    name: 'agent, UEFI HTTP boot: inspect, clean, deploy',
    ci: true,
    minutes: 12,
    run: (rack) => fastTrack(rack, httpBoot),
  },
  { name: 'redfish: virtual media', ci: true, minutes: 12, run: virtualMedia },
  { name: 'agent_ipmitool: Liberty calls', ci: true, minutes: 12, run: agentIpmitool },
  { name: 'pxe_ipmitool: iSCSI, net boot', ci: true, minutes: 8, run: pxeNetBoot },
  { name: 'pxe_ipmitool: iSCSI, local boot', ci: true, minutes: 8, run: pxeLocalBoot },
  { name: 'pxe_ipmitool: iSCSI, whole disk', ci: false, minutes: 8, run: pxeWholeDisk },
  {
    name: 'agent, BIOS: inspect, clean by hand, clean, deploy',
    ci: false,
    minutes: 15,
    run: (rack) => thorough(rack, bios),
  },
  {
    name: 'agent, BIOS: inspect, clean, deploy, rescue, rebuild, tear down',
    ci: false,
    minutes: 14,
    run: lifeOf('life', 'bios', 'disk.raw'),
  },
  { name: 'failures: images and disks', ci: false, minutes: 20, run: imagesFail },
  { name: 'failures: silent agents', ci: false, minutes: 20, run: agentsFail },
]
