/** What is asked of a node below its own path: one member of a body at a time. */
import type { Body } from './subjects.js'

/** Where the node has to be for the value to be what decides. */
export type Stand = 'enroll' | 'manageable' | 'available' | 'active'

export interface Action {
  readonly name: string
  readonly method: 'PUT' | 'POST' | 'PATCH'
  /** Below the node. */
  readonly path: string
  readonly stand: Stand
  readonly body: Body
  /** The members, as pointers into the body; the empty one is the body itself. */
  readonly fields: readonly string[]
}

const provision = (stand: Stand, body: Body, ...fields: string[]): Action => ({
  name: `provision ${String(body['target'])}`,
  method: 'PUT',
  path: '/states/provision',
  stand,
  body,
  fields,
})

const put = (name: string, path: string, body: Body, ...fields: string[]): Action => ({
  name,
  method: 'PUT',
  path,
  stand: 'enroll',
  body,
  fields,
})

const step = { interface: 'deploy', step: 'erase_devices', args: {} }
const VIF = '/vifs'

const stepFields = (list: string): string[] => [
  list,
  `${list}/0`,
  ...['interface', 'step', 'args'].map((member) => `${list}/0/${member}`),
]

/** What steps of cleaning and service may hold beside it. */
const moreOfSteps = (list: string): string[] =>
  ['order', 'execute_on_child_nodes', 'limit_child_node_execution'].map(
    (member) => `${list}/0/${member}`,
  )

export const actions: readonly Action[] = [
  provision('enroll', { target: 'manage' }, '', 'target'),
  put('power', '/states/power', { target: 'power on' }, '', 'target', 'timeout'),
  put('raid', '/states/raid', { logical_disks: [{ size_gb: 1, raid_level: '1' }] }, ''),
  put(
    'raid',
    '/states/raid',
    { logical_disks: [{ size_gb: 1, raid_level: '1' }] },
    'logical_disks',
    'logical_disks/0',
    ...['size_gb', 'raid_level', 'is_root_volume', 'disk_type', 'number_of_physical_disks'].map(
      (member) => `logical_disks/0/${member}`,
    ),
  ),
  put('console', '/states/console', { enabled: true }, '', 'enabled'),
  put('boot mode', '/states/boot_mode', { target: 'uefi' }, '', 'target'),
  put('secure boot', '/states/secure_boot', { target: true }, '', 'target'),
  put(
    'boot device',
    '/management/boot_device',
    { boot_device: 'pxe', persistent: false },
    '',
    'boot_device',
  ),
  provision('available', { target: 'active' }, 'configdrive', 'deploy_steps', 'runbook'),
  provision(
    'available',
    { target: 'active', deploy_steps: [{ ...step, priority: 10 }] },
    ...stepFields('deploy_steps').slice(1),
    'deploy_steps/0/priority',
  ),
  provision('active', { target: 'rescue', rescue_password: 'x' }, 'rescue_password'),
  put('boot device', '/management/boot_device', { boot_device: 'pxe' }, 'persistent'),
  put('nmi', '/management/inject_nmi', {}, ''),
  put('indicator', '/management/indicators/led@system', { state: 'on' }, '', 'state'),
  put('maintenance', '/maintenance', { reason: 'x' }, '', 'reason'),
  put('traits', '/traits', { traits: ['CUSTOM_A'] }, '', 'traits', 'traits/0'),
  { ...put('vif', VIF, { id: 'a' }, '', 'id', 'port_uuid', 'portgroup_uuid'), method: 'POST' },
  {
    ...put(
      'vmedia',
      '/vmedia',
      { device_type: 'cdrom', image_url: 'http://127.0.0.1/x.iso', image_download_source: 'http' },
      '',
      'device_type',
      'image_url',
      'image_download_source',
    ),
    method: 'POST',
  },
  {
    ...put('vendor', '/vendor_passthru?method=first_method', { bar: 'baz' }, '', 'bar'),
    method: 'POST',
  },
  provision(
    'manageable',
    { target: 'clean', clean_steps: [step] },
    ...stepFields('clean_steps'),
    ...moreOfSteps('clean_steps'),
    'disable_ramdisk',
  ),
  provision(
    'active',
    { target: 'service', service_steps: [step] },
    ...stepFields('service_steps'),
    ...moreOfSteps('service_steps'),
  ),
]
