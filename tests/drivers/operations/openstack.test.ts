import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { validateInterfaces } from '../../../src/conductor/operations/validate.js'
import type { NodeRow } from '../../../src/db/rows.js'
import { volumeConnectors, volumeTargets } from '../../../src/db/schema/index.js'
import { flatNetwork } from '../../../src/drivers/network/flat.js'
import { someone } from '../../conductor/_harness.js'
import { testTask } from '../_util/task.js'
import { operationsBed } from './_bed.js'

const bed = operationsBed({
  DEFAULT: {
    enabled_network_interfaces: ['noop', 'flat', 'neutron'],
    default_network_interface: 'noop',
    enabled_storage_interfaces: ['noop', 'cinder', 'external'],
    enabled_boot_interfaces: ['fake', 'pxe'],
  },
  neutron: { provisioning_network: 'p' },
})
const storage = { DEFAULT: { enabled_storage_interfaces: ['noop', 'cinder'] } }
const reasonOf = async (kind: 'network' | 'storage' | 'deploy', node: NodeRow) =>
  (await validateInterfaces(bed.ctx, someone, node.uuid))[kind]?.reason ?? 'valid'

describe('networks of Neutron', () => {
  const unset =
    'UUID or name of cleaning_network is not set in configuration or in node driver_info.'
  const own = { driverInfo: { cleaning_network: 'c' } }

  it.each<[string, Partial<NodeRow>, string]>([
    ['flat without a network', { networkInterface: 'flat' }, unset],
    ['flat with one', { networkInterface: 'flat', ...own }, 'valid'],
    ['neutron without a network', { networkInterface: 'neutron' }, unset],
    ['neutron with both', { networkInterface: 'neutron', ...own }, 'valid'],
    [
      'neutron with a machine that stays on',
      { networkInterface: 'neutron', ...own, disablePowerOff: true },
      'Nodes with disable_power_off cannot be used with the neutron network interface (disallowed in the configuration)',
    ],
  ])('judge %s', async (_scenario, values, text) => {
    expect(await reasonOf('network', await bed.node(values))).toBe(text)
  })

  it('know the VIFs of ports, service networks first', async () => {
    const task = await testTask()
    const vif = (internalInfo: Record<string, unknown>) =>
      flatNetwork.currentVif?.(task, { internalInfo })
    expect(vif({})).toBeNull()
    expect(vif({ tenant_vif_port_id: 't' })).toBe('t')
    expect(vif({ tenant_vif_port_id: 't', cleaning_vif_port_id: 'c' })).toBe('c')
  })

  it('say that nobody told where Neutron is', async () => {
    const task = await testTask()
    await expect(flatNetwork.vifAttach(task, { id: 'v' })).rejects.toThrow(
      'Could not retrieve neutron port: no endpoint of Neutron is known: set [neutron] auth_url with credentials, or endpoint_override',
    )
  })
})

interface Volumes {
  readonly connectors?: readonly (readonly [type: string, id: string])[]
  readonly target?: { volumeType?: string; bootIndex?: number; volumeId?: string }
  readonly capabilities?: string
  readonly node?: Partial<NodeRow>
}

describe('storage of Cinder', () => {
  const node = async (volumes: Volumes): Promise<[NodeRow, string]> => {
    const row = await bed.node({
      storageInterface: 'cinder',
      properties: { capabilities: volumes.capabilities ?? '' },
      ...volumes.node,
    })
    const target = randomUUID()
    for (const [type, id] of volumes.connectors ?? []) {
      const connectorId = `${id}-${row.id}`
      await bed.ctx.db.orm
        .insert(volumeConnectors)
        .values({ uuid: randomUUID(), nodeId: row.id, type, connectorId })
    }
    if (volumes.target !== undefined) {
      await bed.ctx.db.orm
        .insert(volumeTargets)
        .values({ uuid: target, nodeId: row.id, ...volumes.target })
    }
    return [row, target]
  }
  const disk = { volumeType: 'iscsi', bootIndex: 0, volumeId: 'v' }

  it.each<[string, Volumes, string]>([
    ['a node without volumes', {}, 'valid'],
    [
      'iSCSI without iPXE',
      { connectors: [['iqn', 'a']], node: { bootInterface: 'pxe' } },
      'The [pxe]/ipxe_enabled option must be set to True or the boot interface must be set to ``ipxe`` to support network booting to an iSCSI volume.',
    ],
    [
      'a capability without its connector',
      { capabilities: 'iscsi_boot:true' },
      "In order to enable the 'iscsi_boot' capability for the node, an associated volume_connector type must be valid for iSCSI (iqn).",
    ],
    [
      'the Fibre Channel capability without its connectors',
      { capabilities: 'fibre_channel_boot:yes' },
      "In order to enable the 'fibre_channel_boot' capability for the node, an associated volume_connector type must be valid for Fibre Channel (wwpn, wwnn).",
    ],
    [
      'a target without the capability',
      { connectors: [['iqn', 'a']], target: disk },
      "Volume target T is configured for 'iscsi', however the capability 'iscsi_boot' is not set for the node.",
    ],
    [
      'a target without a connector',
      { target: { ...disk, bootIndex: 1 } },
      "Volume target T is configured for 'iscsi', however no iSCSI connectors are configured for the node.",
    ],
    [
      'a Fibre Channel target without WWPNs',
      { target: { ...disk, volumeType: 'fibre_channel', bootIndex: 1 } },
      "Volume target T is configured for 'fibre_channel', however no Fibre Channel WWPNs are configured for the node volume connectors.",
    ],
    [
      'a target of another type',
      { target: { ...disk, volumeType: 'nfs' } },
      "Volume target T is of an unknown type 'nfs'. Supported types: 'iscsi' or 'fibre_channel'",
    ],
    [
      'a target of no volume',
      { target: { volumeType: 'iscsi', bootIndex: 1 } },
      'volume_id missing from target T.',
    ],
  ])('judges %s', async (_scenario, volumes, text) => {
    const [row, target] = await node(volumes)
    const expected = `Failed to validate cinder storage interface for node ${row.uuid}. ${text.replace('target T', `target ${target}`)}`
    expect(await reasonOf('storage', row)).toBe(text === 'valid' ? text : expected)
  })

  it('has nothing to do for a node without volumes, and refuses the others', async () => {
    const [none] = await node({})
    const task = await testTask({ node: none, config: storage, ctx: { db: bed.ctx.db } })
    await task.driver.storage.attachVolumes(task)
    await task.driver.storage.detachVolumes(task)
    const valid: Volumes = {
      connectors: [['iqn', 'a']],
      capabilities: 'iscsi_boot:true',
      target: disk,
    }
    const [row] = await node(valid)
    const text = 'cannot attach or detach volumes of Cinder'
    expect(await reasonOf('storage', row)).toContain(text)
    const other = await testTask({ node: row, config: storage, ctx: { db: bed.ctx.db } })
    await expect(other.driver.storage.attachVolumes(other)).rejects.toThrow(text)
    await expect(other.driver.storage.detachVolumes(other)).rejects.toThrow(text)
  })

  it('takes unpaired WWPNs for more than a wrong value, as upstream does', async () => {
    const [row] = await node({ connectors: [['wwpn', 'a']] })
    expect(await reasonOf('storage', row)).toBe(
      `Unexpected exception, traceback saved into log by ironic conductor service that is running on ${bed.ctx.host}: Failed to validate cinder storage interface for node ${row.uuid}. Cinder requires both wwnn and wwpn entries for FCoE connections. There must be a wwpn entry for every wwnn entry. There are 1 wwpn entries and 0 wwnn entries.`,
    )
  })

  it('external: a volume to boot from needs iPXE', async () => {
    const [row] = await node({
      target: disk,
      node: { storageInterface: 'external', bootInterface: 'pxe' },
    })
    expect(await reasonOf('storage', row)).toBe(
      `Failed to validate external storage interface for node ${row.uuid}. To support network booting to an iSCSI volume, the boot interface must be set to \`\`ipxe\`\`.`,
    )
  })
})

describe('validate of deploy', () => {
  it('judges the steps the user asked for', async () => {
    const row = await bed.node({
      driverInternalInfo: {
        user_deploy_steps: [{ interface: 'deploy', step: 'deploy', priority: 10, args: {} }],
      },
    })
    expect(await reasonOf('deploy', row)).toContain('is a core step and cannot be overridden')
  })
})
