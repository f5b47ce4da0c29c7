import { eq } from 'drizzle-orm'
import type { VolumeConnectorRow, VolumeTargetRow } from '../../db/rows.js'
import { volumeConnectors, volumeTargets } from '../../db/schema/index.js'
import { InvalidParameterValue, ServerError, UnsupportedDriverExtension } from '../../errors.js'
import { nodeCapabilities } from '../driver-info/capabilities.js'
import { lenientBool } from '../driver-info/fields.js'
import type { StorageInterface, Task } from '../interfaces.js'
import { externalStorage } from './external.js'

interface Found {
  readonly iscsi: boolean
  readonly fibreChannel: boolean
}

const prefix = (task: Task): string =>
  `Failed to validate cinder storage interface for node ${task.node.uuid}. `

const invalid = (task: Task, reason: string): InvalidParameterValue =>
  new InvalidParameterValue(prefix(task) + reason)

/** What the connectors of a node can reach. */
function checkConnectors(task: Task, connectors: readonly VolumeConnectorRow[]): Found {
  const number = (type: string): number =>
    connectors.filter((c) => c.type === type && c.connectorId !== null).length
  const ipxe = task.driver.boot.capabilities.includes('ipxe_boot')
  if (number('iqn') > 0 && !ipxe) {
    throw invalid(
      task,
      'The [pxe]/ipxe_enabled option must be set to True or the boot interface must be set to ``ipxe`` to support network booting to an iSCSI volume.',
    )
  }
  if (number('wwpn') !== number('wwnn')) {
    throw new ServerError(
      `${prefix(task)}Cinder requires both wwnn and wwpn entries for FCoE connections. There must be a wwpn entry for every wwnn entry. There are ${number('wwpn')} wwpn entries and ${number('wwnn')} wwnn entries.`,
    )
  }
  return { iscsi: number('iqn') > 0, fibreChannel: number('wwpn') > 0 }
}

function checkTarget(task: Task, target: VolumeTargetRow, found: Found, boot: Found): void {
  const { uuid, volumeType: type, bootIndex } = target
  if (target.volumeId === null) throw invalid(task, `volume_id missing from target ${uuid}.`)
  const configured = `Volume target ${uuid} is configured for '${type ?? 'None'}', however`
  if (type === 'fibre_channel') {
    if (!boot.fibreChannel && bootIndex === 0) {
      throw invalid(task, `${configured} the capability 'fibre_channel_boot' is not set on node.`)
    }
    if (!found.fibreChannel) {
      throw invalid(
        task,
        `${configured} no Fibre Channel WWPNs are configured for the node volume connectors.`,
      )
    }
  } else if (type === 'iscsi') {
    if (!boot.iscsi && bootIndex === 0) {
      throw invalid(task, `${configured} the capability 'iscsi_boot' is not set for the node.`)
    }
    if (!found.iscsi) {
      throw invalid(task, `${configured} no iSCSI connectors are configured for the node.`)
    }
  } else {
    throw invalid(
      task,
      `Volume target ${uuid} is of an unknown type '${type ?? 'None'}'. Supported types: 'iscsi' or 'fibre_channel'`,
    )
  }
}

async function validate(task: Task): Promise<void> {
  const { orm } = task.ctx.db
  const { id } = task.node
  const ofNode = eq(volumeConnectors.nodeId, id)
  const found = checkConnectors(task, await orm.select().from(volumeConnectors).where(ofNode))
  const capabilities = nodeCapabilities(task.node)
  const boot = {
    iscsi: lenientBool(capabilities['iscsi_boot']),
    fibreChannel: lenientBool(capabilities['fibre_channel_boot']),
  }
  if (boot.iscsi && !found.iscsi) {
    throw invalid(
      task,
      "In order to enable the 'iscsi_boot' capability for the node, an associated volume_connector type must be valid for iSCSI (iqn).",
    )
  }
  if (boot.fibreChannel && !found.fibreChannel) {
    throw invalid(
      task,
      "In order to enable the 'fibre_channel_boot' capability for the node, an associated volume_connector type must be valid for Fibre Channel (wwpn, wwnn).",
    )
  }
  const targets = await orm.select().from(volumeTargets).where(eq(volumeTargets.nodeId, id))
  for (const target of targets) checkTarget(task, target, found, boot)
  if (targets.length > 0) throw noVolumes(task, 'attach_volumes')
}

const noVolumes = (task: Task, operation: string): UnsupportedDriverExtension =>
  new NoVolumes(task.node.driver ?? 'None', operation, task.node.uuid)

/** Volumes are not implemented; a node without volume targets needs none. */
class NoVolumes extends UnsupportedDriverExtension {
  constructor(driver: string, operation: string, uuid: string) {
    super(driver, operation)
    this.message = `Node ${uuid} has volume targets, and this service cannot attach or detach volumes of Cinder. Remove the targets, or use the external storage interface and attach the volumes yourself.`
  }
}

/** An operation that has work to do only for a node with volume targets. */
const onlyWithoutTargets =
  (operation: string) =>
  async (task: Task): Promise<void> => {
    const { orm } = task.ctx.db
    const ofNode = eq(volumeTargets.nodeId, task.node.id)
    const [target] = await orm.select({ id: volumeTargets.id }).from(volumeTargets).where(ofNode)
    if (target !== undefined) throw noVolumes(task, operation)
  }

/** Volumes of Cinder (`drivers/modules/storage/cinder.py`). */
export const cinderStorage: StorageInterface = {
  ...externalStorage,
  name: 'cinder',
  validate,
  attachVolumes: onlyWithoutTargets('attach_volumes'),
  detachVolumes: onlyWithoutTargets('detach_volumes'),
}
