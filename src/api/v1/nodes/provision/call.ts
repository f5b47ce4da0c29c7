import type { JsonObject } from '../../../../db/columns.js'
import type { NodeRow } from '../../../../db/rows.js'
import type { ApiRequest } from '../../../request.js'
import type { operations } from './contract.gen.js'

export type ProvisionRequest = ApiRequest<operations['nodeProvision.set']>

/** A provision call on a node, read from a request. Lists that are empty count as not given. */
export interface ProvisionCall {
  readonly request: ProvisionRequest
  readonly node: NodeRow
  /** As the client wrote it; `None` for null. */
  readonly target: string
  readonly configdrive: JsonObject | string | null
  readonly cleanSteps: readonly unknown[]
  readonly deploySteps: readonly unknown[]
  readonly serviceSteps: readonly unknown[]
  readonly rescuePassword: string | null
  readonly disableRamdisk: boolean | null
  readonly runbook: string | null
}
