/** The parts of Ferric that log under a name of their own. */
export const subsystems = [
  /** Start, stop, signals and configuration. */
  'process',
  'api',
  'conductor',
  /** Which drivers are enabled, and driver packages. */
  'drivers',
  /** Whatever speaks IPMI or Redfish. */
  'bmc',
  'console',
  'deploy',
  'inspection',
  /** DHCP, TFTP, HTTP and everything else a machine boots from. */
  'boot',
  'images',
  /** Neutron and the ports of nodes. */
  'network',
  'db',
  'queue',
] as const
export type Subsystem = (typeof subsystems)[number]
