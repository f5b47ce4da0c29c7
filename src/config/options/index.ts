import { agent } from './agent.js'
import { agentContainers } from './agent-containers.js'
import { anaconda } from './anaconda.js'
import { api } from './api.js'
import { conductor } from './conductor.js'
import { consoleOptions } from './console.js'
import { database } from './database.js'
import { DEFAULT } from './default.js'
import { deploy } from './deploy.js'
import { dhcp, dnsmasq } from './dhcp.js'
import { fake } from './fake.js'
import { ferric } from './ferric.js'
import { autoDiscovery, inspectionRules, inventory } from './inspection.js'
import { glance } from './glance.js'
import { inspector } from './inspector.js'
import { ipmi } from './ipmi.js'
import { keystoneAuthtoken } from './keystone-authtoken.js'
import { neutron } from './neutron.js'
import { metrics, metricsStatsd } from './metrics.js'
import { oci } from './oci.js'
import { osloPolicy } from './oslo-policy.js'
import { pxe } from './pxe.js'
import { pxeBoot } from './pxe-boot.js'
import { redfish } from './redfish.js'
import { sensorData } from './sensor-data.js'
import { serviceCatalog } from './service-catalog.js'
import { cifs, nfs } from './shares.js'
import { swift } from './swift.js'

/** Every group Ferric reads, in the order `ferric config` prints them. */
export const optionGroups = {
  DEFAULT,
  agent,
  agent_containers: agentContainers,
  anaconda,
  api,
  auto_discovery: autoDiscovery,
  cifs,
  conductor,
  console: consoleOptions,
  database,
  deploy,
  dhcp,
  dnsmasq,
  fake,
  ferric,
  glance,
  inspection_rules: inspectionRules,
  inspector,
  inventory,
  ipmi,
  keystone_authtoken: keystoneAuthtoken,
  neutron,
  nfs,
  metrics,
  metrics_statsd: metricsStatsd,
  oci,
  oslo_policy: osloPolicy,
  pxe: { ...pxe, ...pxeBoot },
  redfish,
  sensor_data: sensorData,
  service_catalog: serviceCatalog,
  swift,
} as const
