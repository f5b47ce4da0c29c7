/**
 * What is created and patched: per resource a body that is right, and every field a client may write.
 * Chassis, ports, port groups and volumes have their own matrices, in the tests of each.
 */

export type Body = Readonly<Record<string, unknown>>

/** Names of things that exist, to refer to. */
export interface Refs {
  readonly node: string
}

export interface Subject {
  readonly name: string
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
const action = { op: 'set-attribute', args: { path: '/extra/x', value: 'y' } }
const condition = { op: 'eq', args: { values: [1, 1] } }

export const subjects: readonly Subject[] = [
  {
    name: 'node',
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
    path: '/v1/allocations',
    base: () => ({ resource_class: 'none-has-it' }),
    // Not the UUID: upstream takes any text, and closes the connection over some (allocations.test.ts).
    fields: words('candidate_nodes extra name node owner resource_class traits state'),
  },
  {
    name: 'deploy template',
    path: '/v1/deploy_templates',
    base: () => ({ name: 'CUSTOM_ONE', steps: [deployStep] }),
    fields: [
      ...words('uuid name extra description steps steps/0 steps/0/interface steps/0/step'),
      ...words('steps/0/args steps/0/priority'),
    ],
  },
  {
    name: 'runbook',
    path: '/v1/runbooks',
    base: () => ({ name: 'CUSTOM_ONE', steps: [runbookStep] }),
    fields: [
      ...words('uuid name extra public owner disable_ramdisk description steps steps/0'),
      ...words('steps/0/interface steps/0/step steps/0/args steps/0/order'),
    ],
  },
  {
    name: 'inspection rule',
    path: '/v1/inspection_rules',
    base: () => ({ actions: [action], conditions: [condition] }),
    fields: [
      // Not the UUID: upstream stores any text, and its Location header then is longer than clients read.
      ...words('description priority sensitive phase conditions actions conditions/0'),
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
