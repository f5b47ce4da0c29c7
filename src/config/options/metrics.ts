import { bool, int, optStr, str } from '../declare.js'

/** `[metrics]`: what the ramdisk is told. */
export const metrics = {
  agent_backend: str('noop', 'Where the ramdisk sends its metrics.', {
    choices: ['noop', 'statsd', 'collector'],
  }),
  agent_prepend_host: bool(false, 'Its metrics begin with the host name.'),
  agent_prepend_uuid: bool(false, 'Its metrics begin with the UUID of the node.'),
  agent_prepend_host_reverse: bool(true, 'The host name is reversed by dots.'),
  agent_global_prefix: optStr('Its metrics begin with this.'),
} as const

/** `[metrics_statsd]`: what the ramdisk is told. */
export const metricsStatsd = {
  agent_statsd_host: str('localhost', 'StatsD host of the ramdisk.'),
  agent_statsd_port: int(8125, 'StatsD port of the ramdisk.', { min: 1, max: 65535 }),
} as const
