/** What the rows of the outcome table send; `{name}` is a placeholder of the seeded database. */
const replace = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }))

const step = { interface: 'deploy', step: 'noop', args: {}, priority: 0 }
const runbookStep = { interface: 'raid', step: 'noop', args: {}, order: 0 }
const manualStep = { interface: 'deploy', step: 'flash', args: { to: '2.0' }, priority: 9 }
const metadata = { links: [], networks: [], services: [] }
const someVif = '5c6d0f0e-4c1f-4f4c-8e4f-8f6c8b3b1d10'
const missing = '00000000-0000-4000-8000-00000000dead'

const target = (node: string, index: number) => ({
  node_uuid: node,
  volume_type: 'iscsi',
  boot_index: index,
  volume_id: `volume-${index}`,
})
const port = (node: string) => ({ node_uuid: node, address: '52:54:00:aa:bb:cc' })
const connector = (node: string) => ({ node_uuid: node, type: 'ip', connector_id: '192.0.2.7' })

export const bodies: Readonly<Record<string, unknown>> = {
  nodes: { name: 'new-node', driver: 'fake-driverz' },
  'nodes owner': { driver: 'fake', parent_node: '{owner_node_ident}' },
  'nodes missing': { driver: 'fake', parent_node: missing },
  'nodes unnamed': { driver: 'fake', parent_node: '{{node_ident}}' },
  'patch extra': replace({ extra: { purpose: 'test' } }),
  'patch chassis_uuid': replace({ chassis_uuid: '{chassis_ident}' }),
  'patch conductor_group': replace({ conductor_group: 'row-7' }),
  'patch shard': replace({ shard: 'east' }),
  'patch parent_node:allocated': replace({ parent_node: '{allocated_node_ident}' }),
  'patch parent_node:owner': replace({ parent_node: '{owner_node_ident}' }),
  'patch parent_node:missing': replace({ parent_node: missing }),
  'patch driver+power_interface': replace({ driver: 'fake-hardware', power_interface: 'fake' }),
  'patch many': replace({
    instance_info: { a: 'b' },
    driver_info: { a: 'b' },
    properties: { a: 'b' },
    network_data: metadata,
    name: 'renamed',
    retired: true,
    retired_reason: 'old',
  }),
  'patch lessee': replace({ lessee: 'somebody' }),
  'patch owner': replace({ owner: 'somebody' }),
  'patch protected': replace({ protected: true }),
  'patch instance_info': replace({ instance_info: { a: 'b' } }),
  'patch driver_info': replace({ driver_info: { a: 'b' } }),
  'patch properties': replace({ properties: { a: 'b' } }),
  'patch network_data': replace({ network_data: metadata }),
  'patch name': replace({ name: 'renamed' }),
  'patch retired+retired_reason': replace({ retired: true, retired_reason: 'old' }),
  'patch node_uuid:other': replace({ node_uuid: '{other_node_ident}' }),
  nodes_management_boot_device: { boot_device: 'pxe' },
  nodes_management_inject_nmi: {},
  nodes_states_power: { target: 'power on' },
  nodes_states_boot_mode: { target: 'uefi' },
  nodes_states_secure_boot: { target: 'true' },
  'nodes_states_provision deploy': { target: 'deploy' },
  'nodes_states_provision clean': { target: 'clean', clean_steps: [manualStep] },
  'nodes_states_provision service': { target: 'service', clean_steps: [manualStep] },
  nodes_states_raid: {
    target_raid_config: { logical_disks: [{ size_gb: 80, raid_level: '1' }] },
  },
  nodes_states_console: { enabled: true },
  nodes_traits: { traits: ['CUSTOM_FAST', 'HW_CPU_X86_VMX'] },
  nodes_vifs: { id: someVif },
  'portgroups spare': { node_uuid: '{spare_node_ident}' },
  'portgroups owner': { node_uuid: '{owner_node_ident}' },
  'portgroups lessee': { node_uuid: '{lessee_node_ident}' },
  'ports missing': port(missing),
  'ports allocated': port('{allocated_node_ident}'),
  'ports owner': port('{owner_node_ident}'),
  'ports lessee': port('{lessee_node_ident}'),
  'ports other': port('{other_node_ident}'),
  'volume_connectors plain': connector('{node_ident}'),
  'volume_connectors owner': connector('{owner_node_ident}'),
  'volume_targets plain 1': target('{node_ident}', 1),
  'volume_targets plain 2': target('{node_ident}', 2),
  'volume_targets owner 2': target('{owner_node_ident}', 2),
  'volume_targets owner 3': target('{owner_node_ident}', 3),
  'volume_targets lessee 2': target('{lessee_node_ident}', 2),
  allocations: { resource_class: 'CUSTOM_TEST' },
  'allocations owner': { resource_class: 'CUSTOM_TEST', node: '{owner_node_ident}' },
  'allocations candidates': {
    resource_class: 'CUSTOM_TEST',
    candidate_nodes: ['{owner_node_ident}', '{lessee_node_ident}'],
  },
  deploy_templates: { name: 'CUSTOM_NEW', steps: [step] },
  'deploy_templates patch name': replace({ name: 'CUSTOM_RENAMED' }),
  chassis: { description: 'a box' },
  'chassis patch description': replace({ description: 'another box' }),
  runbooks: { name: 'CUSTOM_NEW', steps: [runbookStep] },
  'runbooks public': { name: 'CUSTOM_NEW', public: true, steps: [runbookStep] },
  'runbooks patch name': replace({ name: 'CUSTOM_RENAMED' }),
  'runbooks patch public': replace({ public: true }),
  'runbooks patch owner': replace({ owner: 'somebody' }),
}
