import { classicDriver } from './declare.js'

const ipmitool = { power: 'ipmitool', management: 'ipmitool' }
const ssh = { power: 'ssh', management: 'ssh' }
const pxe = { boot: 'pxe', deploy: 'iscsi', vendor: 'iscsi' }
const agent = { boot: 'pxe', deploy: 'classic-agent', vendor: 'agent-passthru', raid: 'agent' }

/**
 * The drivers of Liberty by their own names, as compositions (docs/reference/drivers.md, B). One can be
 * enabled as soon as every implementation it names exists; until then enabling it fails at
 * start-up like any unknown name.
 */
export const classicDrivers = [
  classicDriver('fake', 'FakeDriver', {
    power: 'fake',
    management: 'fake',
    boot: 'fake',
    deploy: 'fake',
    console: 'fake',
    raid: 'fake',
    inspect: 'fake',
    vendor: 'fake-mixin',
  }),
  classicDriver('pxe_ipmitool', 'PXEAndIPMIToolDriver', {
    ...ipmitool,
    ...pxe,
    console: 'ipmitool-socat',
    vendor: 'ipmitool-iscsi',
  }),
  classicDriver('pxe_ipminative', 'PXEAndIPMINativeDriver', {
    ...ipmitool,
    ...pxe,
    console: 'ipmitool-socat',
    vendor: 'ipmitool-iscsi',
  }),
  classicDriver('pxe_ssh', 'PXEAndSSHDriver', { ...ssh, ...pxe }),
  classicDriver('pxe_drac', 'PXEDracDriver', {
    power: 'drac',
    management: 'drac',
    ...pxe,
    vendor: 'drac-iscsi',
  }),
  classicDriver('agent_ipmitool', 'AgentAndIPMIToolDriver', {
    ...ipmitool,
    ...agent,
    console: 'ipmitool-socat',
    vendor: 'ipmitool-agent',
  }),
  classicDriver('agent_pyghmi', 'AgentAndIPMINativeDriver', {
    ...ipmitool,
    ...agent,
    console: 'ipmitool-socat',
    vendor: 'ipmitool-agent',
  }),
  classicDriver('agent_ssh', 'AgentAndSSHDriver', { ...ssh, ...agent }),
  classicDriver('fake_agent', 'FakeAgentDriver', { power: 'fake', ...agent }),
  classicDriver('fake_pxe', 'FakePXEDriver', { power: 'fake', ...pxe }),
  classicDriver('fake_ipmitool', 'FakeIPMIToolDriver', {
    ...ipmitool,
    console: 'ipmitool-socat',
    vendor: 'ipmitool',
  }),
  classicDriver('fake_inspector', 'FakeIPMIToolInspectorDriver', {
    ...ipmitool,
    console: 'ipmitool-socat',
    vendor: 'ipmitool',
  }),
  classicDriver('fake_ipminative', 'FakeIPMINativeDriver', {
    ...ipmitool,
    console: 'ipmitool-socat',
    vendor: 'ipmitool',
  }),
  classicDriver('fake_ssh', 'FakeSSHDriver', ssh),
]
