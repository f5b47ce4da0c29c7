/** The databases the rows of the outcome table were written for. */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { NodeInsert, NodeRow } from '../../src/db/rows.js'
import * as schema from '../../src/db/schema/index.js'
import type { Bed } from '../conductor/_harness.js'
import { addNode } from '../conductor/_harness.js'
import { projects } from './_personas.js'

/** What the placeholders of the rows stand for. */
export type Places = Readonly<Record<string, string>>

const tables = [
  schema.nodes,
  schema.allocations,
  schema.chassis,
  schema.conductors,
  schema.deployTemplates,
  schema.runbooks,
]

/** Empties the database; what belongs to a node goes with it. */
export async function clear({ db }: Bed): Promise<void> {
  for (const table of tables) await db.orm.delete(table)
}

const node = (ctx: Bed, values: Partial<NodeInsert> = {}): Promise<NodeRow> =>
  addNode(ctx, {
    provisionState: 'available',
    driverInfo: { foo: 'bar', fake_password: 'fakepass' },
    driverInternalInfo: { private_state: 'secret value' },
    properties: { cpu_arch: 'x86_64', local_gb: 10, memory_mb: '4096' },
    instanceInfo: {
      configdrive: 'Y29uZmlnZHJpdmU=',
      image_url: 'http://images.test/x',
      foo: 'bar',
    },
    ...values,
  })

/** What hangs on a node, each under a UUID of its own. */
async function belongings({ db }: Bed, { id }: NodeRow, name: string, last: string) {
  const uuid = { port: randomUUID(), group: randomUUID(), target: randomUUID() }
  const more = { connector: randomUUID(), history: randomUUID() }
  const address = `52:54:00:00:00:${last}`
  await db.orm.insert(schema.ports).values({ uuid: uuid.port, nodeId: id, address })
  await db.orm.insert(schema.portgroups).values({ uuid: uuid.group, nodeId: id, name, address })
  await db.orm.insert(schema.volumeTargets).values({
    uuid: uuid.target,
    nodeId: id,
    volumeType: 'iscsi',
    volumeId: '12345678',
    bootIndex: 0,
    properties: { target_iqn: 'iqn.foo', auth_password: 'volume-secret' },
  })
  const connectorId = `iqn.2012-06.test:${name}`
  await db.orm
    .insert(schema.volumeConnectors)
    .values({ uuid: more.connector, nodeId: id, type: 'iqn', connectorId })
  await db.orm.insert(schema.nodeHistory).values({ uuid: more.history, nodeId: id, event: 'e' })
  await db.orm
    .insert(schema.nodeInventory)
    .values({ nodeId: id, inventoryData: {}, pluginData: {} })
  return { ...uuid, ...more }
}

async function allocated(ctx: Bed, to: NodeRow, owner: string | null, resourceClass: string) {
  const uuid = randomUUID()
  const values = { uuid, owner, resourceClass, nodeId: to.id, state: 'allocating' }
  const [row] = await ctx.db.orm.insert(schema.allocations).values(values).returning()
  const mine = { allocationId: row?.id ?? null, instanceUuid: uuid }
  await ctx.db.orm.update(schema.nodes).set(mine).where(eq(schema.nodes.id, to.id))
  return uuid
}

async function runbook({ db }: Bed, owner: string | null): Promise<string> {
  const uuid = randomUUID()
  const [row] = await db.orm
    .insert(schema.runbooks)
    .values({ uuid, name: 'CUSTOM_DT1', owner })
    .returning()
  await db.orm.insert(schema.runbookSteps).values({
    runbookId: row?.id ?? 0,
    interface: 'raid',
    step: 'create_configuration',
    args: { logical_disks: [] },
    order: 1,
  })
  return uuid
}

async function deployTemplate({ db }: Bed): Promise<string> {
  const uuid = randomUUID()
  const [row] = await db.orm
    .insert(schema.deployTemplates)
    .values({ uuid, name: 'CUSTOM_DT1' })
    .returning()
  const step = { interface: 'raid', step: 'create_configuration', args: {}, priority: 10 }
  await db.orm
    .insert(schema.deployTemplateSteps)
    .values({ deployTemplateId: row?.id ?? 0, ...step })
  return uuid
}

/** Everything system-scoped callers ask for. */
export async function systemWorld(ctx: Bed): Promise<Places> {
  const { db } = ctx
  const [box] = await db.orm.insert(schema.chassis).values({ uuid: randomUUID() }).returning()
  const one = await node(ctx, { driver: 'fake-driverz', owner: 'z' })
  const other = await node(ctx, { driver: 'fake-driverz', owner: 'z' })
  const spare = await node(ctx)
  const its = await belongings(ctx, one, 'one', '01')
  await db.orm.insert(schema.conductors).values({ hostname: 'c-1', updatedAt: ctx.clock.now() })
  await db.orm.insert(schema.biosSettings).values({ nodeId: one.id, name: 'S', value: 'v' })
  await db.orm.insert(schema.nodeTraits).values({ nodeId: one.id, trait: 'trait1' })
  await db.orm
    .insert(schema.firmwareInformation)
    .values({ nodeId: one.id, component: 'bmc', initialVersion: '1' })
  return {
    node_ident: one.uuid,
    allocated_node_ident: other.uuid,
    spare_node_ident: spare.uuid,
    allocation_ident: await allocated(ctx, other, null, 'CUSTOM_TEST'),
    chassis_ident: box?.uuid ?? '',
    conductor_ident: 'c-1',
    deploy_template_ident: await deployTemplate(ctx),
    runbook_ident: await runbook(ctx, null),
    driver_name: 'fake-driverz',
    bios_setting: 'S',
    trait: 'trait1',
    vif_ident: randomUUID(),
    port_ident: its.port,
    portgroup_ident: its.group,
    volume_target_ident: its.target,
    volume_connector_ident: its.connector,
    history_ident: its.history,
  }
}

const held = { lastError: 'it hurts', reservation: 'another-conductor' }

/** What tenants ask for: a node owned, one leased, and what they may not see. */
export async function projectWorld(ctx: Bed): Promise<Places> {
  const { db } = ctx
  const unowned = await node(ctx)
  const owned = await node(ctx, { owner: projects.owner, ...held })
  await node(ctx, { parentNode: owned.uuid })
  await node(ctx, { parentNode: owned.uuid, owner: projects.owner })
  const leased = await node(ctx, { owner: projects.owner, lessee: projects.lessee, ...held })
  const other = await node(ctx)
  const mine = await belongings(ctx, owned, 'owned', '01')
  const secondPort = { uuid: randomUUID(), nodeId: owned.id, address: '52:54:00:00:00:04' }
  await db.orm.insert(schema.ports).values(secondPort)
  const theirs = await belongings(ctx, leased, 'leased', '02')
  const hidden = await belongings(ctx, other, 'other', '03')
  return {
    node_ident: unowned.uuid,
    owner_node_ident: owned.uuid,
    lessee_node_ident: leased.uuid,
    allocated_node_ident: leased.uuid,
    other_node_ident: other.uuid,
    owner_allocation: await allocated(ctx, owned, projects.owner, 'CUSTOM_TEST'),
    lessee_allocation: await allocated(ctx, leased, projects.lessee, 'CUSTOM_LEASED'),
    runbook_ident: await runbook(ctx, projects.owner),
    driver_name: 'fake-driverz',
    trait: 'CUSTOM_MEOW',
    vif_ident: randomUUID(),
    ind_component: 'component',
    ind_ident: 'light',
    owner_port_ident: mine.port,
    lessee_port_ident: theirs.port,
    other_port_ident: hidden.port,
    owner_portgroup_ident: mine.group,
    lessee_portgroup_ident: theirs.group,
    other_portgroup_ident: hidden.group,
    volume_target_ident: theirs.target,
    volume_connector_ident: theirs.connector,
    owned_history_ident: mine.history,
    lessee_history_ident: theirs.history,
  }
}
