/** What volume connectors and volume targets differ in; all else is in handlers.ts. */
import {
  destroyVolumeConnector,
  destroyVolumeTarget,
  updateVolumeConnector,
  updateVolumeTarget,
} from '../../../conductor/operations/volumes.js'
import type { Caller } from '../../../conductor/work/caller.js'
import type { AppContext } from '../../../context.js'
import type { JsonObject } from '../../../db/columns.js'
import type { VolumeConnectorRow, VolumeTargetRow } from '../../../db/rows.js'
import { links } from '../../links.js'
import { maskSecrets } from '../../../mask.js'
import { isoTime, type FieldMakers } from '../../serialize.js'
import { connectorTable, targetTable, type View, type VolumeTable } from './queries.js'

/** Made once per answer. */
export interface Env {
  readonly baseUrl: string
  /** Whether the caller may see how a target is reached. */
  readonly showProperties: boolean
}

/** The columns every row of both tables has beside its own. */
export interface Common {
  readonly uuid: string
  readonly createdAt?: Date | null
  readonly nodeId: number
}

type Row = VolumeConnectorRow | VolumeTargetRow

export interface VolumeKind<R extends Row, Values extends object> {
  /** Last segment of the path, key of the list. */
  readonly plural: 'connectors' | 'targets'
  /** Name in texts. */
  readonly noun: 'Volume connector' | 'Volume target'
  readonly schema: 'VolumeConnector' | 'VolumeTarget'
  /** What lists show unless asked, in the order in which `next` names it. */
  readonly shortFields: readonly string[]
  readonly refusedSortKeys: readonly string[]
  readonly patchable: readonly string[]
  readonly makers: FieldMakers<View<R>, Env>
  readonly table: VolumeTable<R, Common & Values>
  /** The columns a document sets that satisfies the request schema. */
  columns(document: Readonly<Record<string, unknown>>): Values
  /** The document of a row, without its node. */
  document(row: R): Record<string, unknown>
  update(ctx: AppContext, caller: Caller, row: R, changes: Partial<R>): Promise<R>
  destroy(ctx: AppContext, caller: Caller, row: R): Promise<void>
}

const object = (value: unknown) => (value ?? {}) as JsonObject

function commonMakers<R extends Row>(path: string): FieldMakers<View<R>, Env> {
  return {
    uuid: (v) => v.uuid,
    created_at: (v) => isoTime(v.createdAt),
    updated_at: (v) => isoTime(v.updatedAt),
    extra: (v) => v.extra ?? {},
    links: (v, { baseUrl }) => links(baseUrl, `volume/${path}/${v.uuid}`),
    node_uuid: (v) => v.nodeUuid,
  }
}

interface ConnectorValues {
  readonly connectorId: string
  readonly type: string
  readonly extra: JsonObject
}

export const connectors: VolumeKind<VolumeConnectorRow, ConnectorValues> = {
  plural: 'connectors',
  noun: 'Volume connector',
  schema: 'VolumeConnector',
  shortFields: ['uuid', 'node_uuid', 'type', 'connector_id'],
  refusedSortKeys: ['extra'],
  patchable: ['connector_id', 'extra', 'node_uuid', 'type'],
  makers: {
    ...commonMakers<VolumeConnectorRow>('connectors'),
    connector_id: (c) => c.connectorId,
    type: (c) => c.type,
  },
  table: connectorTable,
  columns: (document) => ({
    connectorId: document['connector_id'] as string,
    type: document['type'] as string,
    extra: object(document['extra']),
  }),
  document: (c) => ({ connector_id: c.connectorId, extra: c.extra ?? {}, type: c.type }),
  update: updateVolumeConnector,
  destroy: destroyVolumeConnector,
}

const redacted = {
  redacted_contents:
    '** Value redacted: Requires permission baremetal:volume:view_target_properties access. Permission denied. **',
}

interface TargetValues {
  readonly bootIndex: number
  readonly volumeId: string
  readonly volumeType: string
  readonly properties: JsonObject
  readonly extra: JsonObject
}

export const targets: VolumeKind<VolumeTargetRow, TargetValues> = {
  plural: 'targets',
  noun: 'Volume target',
  schema: 'VolumeTarget',
  shortFields: ['uuid', 'node_uuid', 'volume_type', 'boot_index', 'volume_id'],
  refusedSortKeys: ['extra', 'properties'],
  patchable: ['boot_index', 'extra', 'node_uuid', 'properties', 'volume_id', 'volume_type'],
  makers: {
    ...commonMakers<VolumeTargetRow>('targets'),
    boot_index: (t) => t.bootIndex,
    properties: (t, { showProperties }) =>
      showProperties ? maskSecrets(t.properties ?? {}) : redacted,
    volume_id: (t) => t.volumeId,
    volume_type: (t) => t.volumeType,
  },
  table: targetTable,
  columns: (document) => ({
    bootIndex: document['boot_index'] as number,
    volumeId: document['volume_id'] as string,
    volumeType: document['volume_type'] as string,
    properties: object(document['properties']),
    extra: object(document['extra']),
  }),
  document: (t) => ({
    boot_index: t.bootIndex,
    extra: t.extra ?? {},
    properties: t.properties ?? {},
    volume_id: t.volumeId,
    volume_type: t.volumeType,
  }),
  update: updateVolumeTarget,
  destroy: destroyVolumeTarget,
}
