/** What is created and patched: per resource a body that is right, and every field a client may write. */

export type Body = Readonly<Record<string, unknown>>

/** Names of things that exist, to refer to. */
export interface Refs {
  readonly node: string
}

export interface Subject {
  readonly name: string
  /** The operation that creates it, by its name in the contract. */
  readonly operation: string
  readonly path: string
  /** A body that is accepted. */
  readonly base: (refs: Refs) => Body
  /** The fields, by the pointer a patch uses; the first part must be in the body. */
  readonly fields: readonly string[]
}

const INTERFACES = 'bios boot console deploy firmware inspect management network power raid'
const MORE_INTERFACES = 'rescue storage vendor'
const interfaceFields = `${INTERFACES} ${MORE_INTERFACES}`
  .split(' ')
  .map((kind) => `${kind}_interface`)

const words = (text: string): string[] => text.split(' ')

const deployStep = { interface: 'bios', step: 'apply_configuration', args: {}, priority: 10 }
const runbookStep = { interface: 'bios', step: 'apply_configuration', args: {}, order: 1 }
const link = { switch_id: '00:00:00:00:00:01', port_id: 'p' }
const action = { op: 'set-attribute', args: { path: '/extra/x', value: 'y' } }
const condition = { op: 'eq', args: { values: [1, 1] } }

export const subjects: readonly Subject[] = [
  {
    name: 'chassis',
    operation: 'chassis.create',
    path: '/v1/chassis',
    base: () => ({}),
    fields: words('uuid description extra'),
  },
  {
    name: 'port',
    operation: 'ports.create',
    path: '/v1/ports',
    base: ({ node }) => ({
      node_uuid: node,
      address: '52:54:00:00:00:01',
      local_link_connection: link,
    }),
    fields: [
      ...words('uuid address node_uuid node_ident portgroup_uuid extra is_smartnic pxe_enabled'),
      ...words('physical_network name description vendor category internal_info'),
      ...words('available_for_dynamic_portgroup local_link_connection'),
      ...words('switch_id port_id switch_info hostname network_type').map(
        (member) => `local_link_connection/${member}`,
      ),
    ],
  },
  {
    name: 'port group',
    operation: 'portgroups.create',
    path: '/v1/portgroups',
    base: ({ node }) => ({ node_uuid: node, address: '52:54:00:00:00:02' }),
    fields: [
      ...words('uuid address node_uuid extra mode name properties standalone_ports_supported'),
      ...words('physical_network category internal_info dynamic_portgroup'),
    ],
  },
  {
    name: 'volume connector',
    operation: 'volume.connectors.create',
    path: '/v1/volume/connectors',
    base: ({ node }) => ({ node_uuid: node, type: 'iqn', connector_id: 'iqn.2026-01' }),
    fields: words('uuid node_uuid type connector_id extra'),
  },
  {
    name: 'volume target',
    operation: 'volume.targets.create',
    path: '/v1/volume/targets',
    base: ({ node }) => ({ node_uuid: node, volume_type: 'iscsi', volume_id: 'v', boot_index: 0 }),
    fields: words('uuid node_uuid volume_type volume_id boot_index properties extra'),
  },
  {
    name: 'node',
    operation: 'nodes.create',
    path: '/v1/nodes',
    base: () => ({ driver: 'fake-hardware' }),
    fields: [
      ...words('uuid automated_clean boot_mode chassis_uuid conductor_group console_enabled'),
      ...words('description disable_power_off driver driver_info extra instance_info'),
      ...words('instance_name instance_uuid lessee maintenance name network_data owner'),
      ...words('parent_node properties protected protected_reason resource_class retired'),
      ...words('retired_reason secure_boot shard provision_state power_state traits health'),
      ...interfaceFields,
    ],
  },
  {
    name: 'allocation',
    operation: 'allocations.create',
    path: '/v1/allocations',
    base: () => ({ resource_class: 'none-has-it' }),
    fields: words('uuid candidate_nodes extra name node owner resource_class traits state'),
  },
  {
    name: 'deploy template',
    operation: 'deployTemplates.create',
    path: '/v1/deploy_templates',
    base: () => ({ name: 'CUSTOM_ONE', steps: [deployStep] }),
    fields: [
      ...words('uuid name extra description steps steps/0 steps/0/interface steps/0/step'),
      ...words('steps/0/args steps/0/priority'),
    ],
  },
  {
    name: 'runbook',
    operation: 'runbooks.create',
    path: '/v1/runbooks',
    base: () => ({ name: 'CUSTOM_ONE', steps: [runbookStep] }),
    fields: [
      ...words('uuid name extra public owner disable_ramdisk description steps steps/0'),
      ...words('steps/0/interface steps/0/step steps/0/args steps/0/order'),
    ],
  },
  {
    name: 'inspection rule',
    operation: 'inspectionRules.create',
    path: '/v1/inspection_rules',
    base: () => ({ actions: [action], conditions: [condition] }),
    fields: [
      ...words('uuid description priority sensitive phase conditions actions conditions/0'),
      ...words('conditions/0/op conditions/0/args conditions/0/args/values conditions/0/loop'),
      ...words('conditions/0/multiple actions/0 actions/0/op actions/0/args actions/0/loop'),
      ...words('actions/0/args/path actions/0/args/value'),
    ],
  },
]

/** The body with the value where the pointer says. */
export function withValue(body: Body, pointer: string, value: unknown): Body {
  const changed: Body = structuredClone(body)
  const parts = pointer.split('/')
  const last = parts.pop() ?? ''
  let at = changed as Record<string, unknown>
  for (const part of parts) at = at[part] as Record<string, unknown>
  at[last] = value
  return changed
}
