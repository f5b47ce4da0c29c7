import { genericSupported, hardwareType } from './declare.js'

/** Machines with an IPMI BMC (`drivers/ipmi.py`). */
export const ipmi = hardwareType({
  name: 'ipmi',
  className: 'IPMIHardware',
  supported: {
    console: ['ipmitool-socat', ...genericSupported.console],
    management: ['ipmitool', 'noop'],
    power: ['ipmitool'],
    vendor: ['ipmitool', 'no-vendor'],
  },
})

/** Intel's machines, whose management knows Speed Select (`drivers/intel_ipmi.py`). */
export const intelIpmi = hardwareType({
  ...ipmi,
  name: 'intel-ipmi',
  className: 'IntelIPMIHardware',
  supported: { ...ipmi.supported, management: ['intel-ipmitool'] },
})
