import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Everything this process counts, read at `/metrics`. One per process, made on first import. */
export const registry = new Registry()

collectDefaultMetrics({ register: registry, prefix: 'ferric_' })

const seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600]

export const requestSeconds = new Histogram({
  name: 'ferric_http_request_seconds',
  help: 'Time to answer, by operation of the contract and status.',
  labelNames: ['operation', 'method', 'status'] as const,
  buckets: seconds,
  registers: [registry],
})

export const taskSeconds = new Histogram({
  name: 'ferric_task_seconds',
  help: 'Time background tasks ran, by kind, driver of the node and outcome.',
  labelNames: ['kind', 'driver', 'outcome'] as const,
  buckets: seconds,
  registers: [registry],
})

export const periodicSeconds = new Histogram({
  name: 'ferric_periodic_seconds',
  help: 'Time one run of a periodic task took.',
  labelNames: ['periodic', 'outcome'] as const,
  buckets: seconds,
  registers: [registry],
})

export const fatalErrors = new Counter({
  name: 'ferric_fatal_errors_total',
  help: 'Errors that no code handled, by kind. The process shuts down after the first one.',
  labelNames: ['kind'] as const,
  registers: [registry],
})

export const transitions = new Counter({
  name: 'ferric_provision_state_total',
  help: 'Provision states nodes entered.',
  labelNames: ['state'] as const,
  registers: [registry],
})

export const stepSeconds = new Histogram({
  name: 'ferric_step_seconds',
  help: 'Time steps ran, by flow, step, driver and outcome.',
  labelNames: ['flow', 'step', 'driver', 'outcome'] as const,
  buckets: seconds,
  registers: [registry],
})

export const locksRefused = new Counter({
  name: 'ferric_node_locked_total',
  help: 'Requests refused because the node was reserved.',
  labelNames: ['purpose'] as const,
  registers: [registry],
})

export const timelineLost = new Counter({
  name: 'ferric_timeline_lost_total',
  help: 'Entries of node timelines dropped because the database was away for too long.',
  registers: [registry],
})

export const bootRequests = new Counter({
  name: 'ferric_boot_requests_total',
  help: 'Requests of machines that boot, by protocol and outcome.',
  labelNames: ['protocol', 'outcome'] as const,
  registers: [registry],
})

export const foreignOffers = new Counter({
  name: 'ferric_foreign_dhcp_total',
  help: 'Answers of DHCP servers that are not Ferric, by server.',
  labelNames: ['server'] as const,
  registers: [registry],
})

export const sensorReading = new Gauge({
  name: 'ferric_sensor_reading',
  help: 'What the sensors of machines said last ([sensor_data] send_sensor_data).',
  labelNames: ['node', 'type', 'sensor'] as const,
  registers: [registry],
})

/** What tells machines apart: who may not see all nodes may not see these. */
const ofMachines: ReadonlySet<string> = new Set([
  'ferric_sensor_reading',
  'ferric_foreign_dhcp_total',
])

/** The page Prometheus reads, with what tells machines apart or without. */
export async function metricsPage(withMachines: boolean): Promise<string> {
  if (withMachines) return registry.metrics()
  const names = registry.getMetricsAsArray().map(({ name }) => name)
  const open = names.filter((name) => !ofMachines.has(name))
  const parts = await Promise.all(open.map((name) => registry.getSingleMetricAsString(name)))
  return `${parts.join('\n\n')}\n`
}
