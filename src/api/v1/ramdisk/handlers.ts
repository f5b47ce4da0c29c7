import { acceptHeartbeat } from '../../../conductor/ramdisk/heartbeat.js'
import { readSoon } from '../../../conductor/ramdisk/heartbeat-record.js'
import {
  issueToken,
  lookUpNode,
  requireConductor,
  validAddresses,
} from '../../../conductor/ramdisk/lookup.js'
import { infoOf } from '../../../conductor/node/internal-info.js'
import { tellingRefusal } from '../../../conductor/ramdisk/refused-calls.js'
import type { AppContext } from '../../../context.js'
import type { NodeRow } from '../../../db/rows.js'
import { isUuidLike } from '../../../identifiers.js'
import { Invalid, InvalidParameterValue, PolicyForbidden } from '../../../errors.js'
import { gateOperation } from '../../contract/gate.js'
import { covers, versionRange } from '../../contract/versions.js'
import { MASK } from '../../../mask.js'
import type { ApiRequest, Handler } from '../../request.js'
import { selectFields } from '../../serialize.js'
import { isObject, type Schema } from '../../validation/json-schema.js'
import { lookUp } from '../nodes/access.js'
import { findNode } from '../nodes/queries.js'
import type { operations } from './contract.gen.js'
import { lookupDocument } from './document.js'

/** @throws PolicyForbidden 403 where ramdisks are not served */
export function requireEnabled({ ctx }: Pick<ApiRequest<unknown>, 'ctx'>, path: string): void {
  if (!ctx.config.api.enable_ramdisk_endpoints) throw new PolicyForbidden(path)
}

export const lookup: Handler<operations['ramdisk.lookup']> = async (request) => {
  const { ctx, auth, args, caller, contract, minor } = request
  requireEnabled(request, '/v1/lookup')
  gateOperation(request.operation, minor, 'late')
  auth.authorize('baremetal:driver:ipa_lookup')
  const row = await lookUpNode(ctx, validAddresses(args.addresses ?? []), args.node_uuid)
  if (selectFields(contract, 'LookupConfig', minor).length === 0) {
    const has = infoOf(row)['agent_secret_token'] !== undefined
    return { body: lookupDocument(request, row, has ? MASK : null) }
  }
  const { node, token } = await issueToken(ctx, caller, row)
  return { body: lookupDocument(request, node, token) }
}

/** What a heartbeat sends: the members of its schema. */
interface Sent {
  readonly callback_url: string
  readonly agent_version?: string
  readonly agent_token?: string
  readonly agent_verify_ca?: string
  readonly agent_status?: string
  readonly agent_status_message?: string
}

export const heartbeat: Handler<
  operations['ramdisk.heartbeat' | 'ramdisk.heartbeatUnaddressed']
> = async (request) => {
  const { ctx, auth, args } = request
  const { node_ident: ident } = args
  requireEnabled(request, `/v1/heartbeat/${ident}`)
  gateOperation(request.operation, request.minor, 'late')
  const sent = args as unknown as Sent
  refuseEarly(request, sent)
  auth.authorize('baremetal:node:ipa_heartbeat')
  const row = await lookUp(request, ident, (i) => find(ctx, i))
  await tellingRefusal(ctx, row.uuid, 'heartbeat', () => takeIn(request, row, sent))
  return {}
}

async function takeIn<O>({ ctx, caller }: ApiRequest<O>, row: NodeRow, sent: Sent): Promise<void> {
  const callbackUrl = checkedUrl(sent.callback_url)
  const known = infoOf(row)['agent_url']
  if (known !== undefined && known !== null && known !== callbackUrl) {
    throw new Invalid('Detected change in ramdisk provided "callback_url"')
  }
  if (sent.agent_token === undefined) {
    throw new InvalidParameterValue('Agent token is required for heartbeat processing.')
  }
  checkStatus(sent.agent_status)
  await requireConductor(ctx, row)
  await acceptHeartbeat(ctx, caller, row, {
    callbackUrl,
    token: sent.agent_token,
    version: sent.agent_version,
    verifyCa: sent.agent_verify_ca,
    status: sent.agent_status,
    statusMessage: sent.agent_status_message,
  })
}

/** Ramdisks call their node by its UUID, and many call at a time. */
const find = (ctx: AppContext, ident: string) =>
  isUuidLike(ident) ? readSoon(ctx, ident) : findNode(ctx.db.orm, ident)

/** @throws InvalidParameterValue 400 on a member that the version does not know */
function refuseEarly(
  { operation, minor }: Pick<ApiRequest<unknown>, 'operation' | 'minor'>,
  sent: Sent,
): void {
  const members = (operation.body?.['properties'] ?? {}) as Record<string, Schema>
  for (const [name, schema] of Object.entries(members)) {
    const x = schema['x-ferric']
    const refusal = isObject(x) ? x['refusal'] : undefined
    if (typeof refusal !== 'string' || covers(versionRange(schema), minor)) continue
    if (sent[name as keyof Sent]) throw new InvalidParameterValue(refusal)
  }
}

/** As Python's `urlparse` gives it back: with the scheme in lower case. Empty is allowed. */
function checkedUrl(url: string): string {
  if (url === '') return url
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  if (!scheme.includes('http')) {
    throw new InvalidParameterValue('An issue with the supplied "callback_url" has been detected.')
  }
  return scheme + url.slice(scheme.length)
}

const statuses = ['start', 'end', 'error']

function checkStatus(status: string | undefined): void {
  if (status === undefined || statuses.includes(status)) return
  throw new InvalidParameterValue(
    `Agent status is invalid. Valid states are ${statuses.join(',')}.`,
  )
}
