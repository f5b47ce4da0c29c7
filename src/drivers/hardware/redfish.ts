import { genericSupported, hardwareType } from './declare.js'

const vmedia = ['redfish-virtual-media', 'redfish-https']

/** Machines with a Redfish BMC (`drivers/redfish.py`). */
export const redfish = hardwareType({
  name: 'redfish',
  className: 'RedfishHardware',
  supported: {
    bios: ['redfish', 'no-bios'],
    boot: [...genericSupported.boot, ...vmedia],
    console: ['ipmitool-socat', ...genericSupported.console],
    firmware: ['redfish', 'no-firmware'],
    inspect: ['redfish', ...genericSupported.inspect],
    management: ['redfish', 'noop'],
    power: ['redfish'],
    raid: ['redfish', ...genericSupported.raid],
    vendor: ['redfish', 'no-vendor'],
  },
})

/** Dell's machines, which speak Redfish with an accent (`drivers/drac.py`). */
export const idrac = hardwareType({
  ...redfish,
  name: 'idrac',
  className: 'IDRACHardware',
  supported: {
    ...redfish.supported,
    bios: ['idrac-redfish', ...redfish.supported.bios],
    boot: [...genericSupported.boot, 'idrac-redfish-virtual-media', 'redfish-https'],
    inspect: ['idrac-redfish', ...genericSupported.inspect],
    management: ['idrac-redfish'],
    power: ['idrac-redfish', 'redfish'],
    raid: ['idrac-redfish', ...genericSupported.raid],
    vendor: ['idrac-redfish', ...redfish.supported.vendor],
  },
})
