import { randomUUID } from 'node:crypto'
import { createNode } from '../../../conductor/crud/create-node.js'
import { continueInspection } from '../../../conductor/inspection/continue.js'
import { lookUpInspected } from '../../../conductor/inspection/lookup.js'
import { issueToken, requireConductor, validAddresses } from '../../../conductor/ramdisk/lookup.js'
import { Invalid, NotFound, ServerError } from '../../../errors.js'
import type { NodeRow } from '../../../db/rows.js'
import type { ApiRequest, Handler } from '../../request.js'
import { selectFields } from '../../serialize.js'
import { isObject } from '../../validation/json-schema.js'
import type { operations } from './contract.gen.js'
import { lookupDocument } from './document.js'
import { requireEnabled } from './handlers.js'

type Data = Readonly<Record<string, unknown>>

/** Takes what a ramdisk found, and answers as a lookup does (since 1.84) or with the UUID (1.1). */
export const inspectionData: Handler<operations['ramdisk.continueInspection']> = async (
  request,
) => {
  const { ctx, auth, args, caller, contract, minor } = request
  requireEnabled(request, '/v1/continue_inspection')
  const shown = selectFields(contract, 'Inspected', minor)
  if (shown.length === 0) throw new NotFound('API version 1.84 or newer is required')
  auth.authorize('baremetal:driver:ipa_continue_inspection')
  const { inventory, ...rest } = request.body as Data & { inventory: Data }
  const clues = cluesOf(inventory, args.node_uuid)
  const known = await lookUpInspected(ctx, clues)
  const node = known ?? (await enrol(request))
  if (known !== null) await requireConductor(ctx, known)
  const pluginData = known === null ? { ...rest, auto_discovered: true } : rest
  // Before the data are worked on, since that holds the lock for long.
  const document = shown.includes('uuid') ? { uuid: node.uuid } : await withToken(request, node)
  await continueInspection(ctx, caller, node.id, { inventory: { ...inventory }, pluginData })
  return { body: document }
}

async function withToken<O>(request: ApiRequest<O>, row: NodeRow) {
  const { node, token } = await issueToken(request.ctx, request.caller, row)
  return lookupDocument(request, node, token)
}

/** More than any machine has, its virtual functions included; each may become a port. */
const mostInterfaces = 4_096

/** @throws Invalid 400 without anything to find a node by, or with too many interfaces */
function cluesOf(inventory: Data, uuid: string | undefined) {
  const interfaces = (inventory['interfaces'] ?? []) as unknown[]
  if (interfaces.length > mostInterfaces) {
    throw new Invalid(
      `The inventory has ${interfaces.length} interfaces; at most ${mostInterfaces} are accepted`,
    )
  }
  const macs = validAddresses(interfaces.map((i) => (isObject(i) ? i['mac_address'] : null)))
  const bmcAddresses = [inventory['bmc_address'], inventory['bmc_v6address']].filter(
    (a): a is string => typeof a === 'string' && a !== '',
  )
  if (macs.length === 0 && bmcAddresses.length === 0 && uuid === undefined) {
    throw new Invalid('No lookup information provided')
  }
  return { uuid, macs, bmcAddresses }
}

/**
 * Makes a node of a machine nobody knows (`[auto_discovery]`).
 * @throws NotFound 404 where that is off; ServerError 500 that tells the caller nothing
 */
async function enrol<O>({ ctx }: ApiRequest<O>): Promise<NodeRow> {
  const { enabled, driver } = ctx.config.auto_discovery
  if (!enabled) throw new NotFound()
  try {
    return await createNode(ctx, {
      uuid: randomUUID(),
      driver: driver ?? '',
      conductorGroup: ctx.config.DEFAULT.default_conductor_group,
      resourceClass: ctx.config.DEFAULT.default_resource_class,
      provisionState: 'enroll',
      createdAt: ctx.clock.now(),
    })
  } catch (error) {
    ctx.log.api.error({ error, driver }, 'a discovered machine could not be enrolled')
    throw new ServerError(undefined, error)
  }
}
