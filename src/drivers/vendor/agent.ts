/** The calls of agents of 2015 (Liberty's `drivers/modules/agent_base_vendor.py`). */
import { eq } from 'drizzle-orm'
import { isAmong } from '../../db/many.js'
import type { ProcessContext } from '../../process-context.js'
import type { JsonObject } from '../../db/columns.js'
import type { NodeRow } from '../../db/rows.js'
import { nodes, ports } from '../../db/schema/index.js'
import { InvalidParameterValue, MissingParameterValue, NotFound } from '../../errors.js'
import { pythonRepr, pythonStr } from '../../python/repr.js'
import { nodeColumns } from '../agent/document.js'
import { isTruthy } from '../driver-info/fields.js'
import { setInfo } from '../internal-info.js'
import type { DriverPassthruMethod, PassthruMethod, VendorInterface, Task } from '../interfaces.js'
import { passthru } from './methods.js'
import { isMacAddress } from '../../identifiers.js'

/** The agent tells where it listens; it knows no token and does not say which release it is. */
const heartbeat: PassthruMethod = passthru(
  'Send heartbeat to the node.',
  async (task, args) => {
    const agentUrl = urlOf(args)
    setInfo(task.node, {
      agent_url: agentUrl,
      agent_version: null,
      agent_last_heartbeat: Math.trunc(task.ctx.clock.now().getTime() / 1000),
    })
    await task.save()
  },
  { resumes: true },
)

/** @throws MissingParameterValue, InvalidParameterValue */
function urlOf(args: JsonObject): string {
  const url = args['agent_url']
  if (!isTruthy(url)) {
    throw new MissingParameterValue('For heartbeat operation, "agent_url" must be specified.')
  }
  if (typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw new InvalidParameterValue(`The agent_url ${pythonStr(url)} is no address of an agent.`)
}

/** States in which a ramdisk is expected. */
const expected = new Set([
  'deploying',
  'wait call-back',
  'cleaning',
  'clean wait',
  'inspecting',
  'inspect wait',
  'rescuing',
  'rescue wait',
])

/** Which node the agent runs on, by what it found of the machine. Today's path is `/v1/lookup`. */
const lookup: DriverPassthruMethod = {
  httpMethods: ['POST', 'GET'],
  async: false,
  attach: false,
  description: 'Find the node an agent runs on.',
  async run(args, _verb, _signal, ctx) {
    const { version } = args
    if (!isTruthy(version)) throw new InvalidParameterValue('Missing parameter version')
    if (pythonStr(version) !== '2') {
      throw new InvalidParameterValue(`Unknown lookup payload version: ${pythonStr(version)}`)
    }
    const node = await findNode(ctx, args)
    if (ctx.config.api.restrict_lookup && !expected.has(node.provisionState)) throw new NotFound()
    return { heartbeat_timeout: ctx.config.api.ramdisk_heartbeat_timeout, node: nodeColumns(node) }
  },
}

async function findNode(ctx: ProcessContext, args: JsonObject): Promise<NodeRow> {
  const { node_uuid: uuid } = args
  if (typeof uuid === 'string' && uuid !== '') {
    const [row] = await ctx.db.orm.select().from(nodes).where(eq(nodes.uuid, uuid)).limit(1)
    if (row === undefined) throw new NotFound(`Node ${uuid} could not be found.`)
    return row
  }
  return await byAddresses(ctx, macsOf(args))
}

/** The addresses of an inventory; what is none is left out. */
function macsOf(args: JsonObject): string[] {
  const interfaces = (args['inventory'] as JsonObject | undefined)?.['interfaces']
  if (!Array.isArray(interfaces)) {
    throw new InvalidParameterValue(
      `Malformed network interfaces lookup: ${pythonRepr(interfaces)}`,
    )
  }
  return (interfaces as JsonObject[])
    .map((one) => one?.['mac_address'])
    .filter((mac): mac is string => typeof mac === 'string')
    .filter((mac) => isMacAddress(mac))
    .map((mac) => mac.toLowerCase())
}

async function byAddresses(ctx: ProcessContext, macs: readonly string[]): Promise<NodeRow> {
  const found = await ctx.db.orm
    .select({ port: ports.uuid, node: nodes })
    .from(ports)
    .innerJoin(nodes, eq(ports.nodeId, nodes.id))
    .where(isAmong(ports.address, macs))
  const [first] = found
  if (first === undefined) {
    throw new NotFound(
      `No ports matching the given MAC addresses ${pythonRepr(macs)}exist in the database.`,
    )
  }
  if (found.every(({ node }) => node.id === first.node.id)) return first.node
  throw new NotFound(
    `Ports matching mac addresses match multiple nodes. MACs: ${pythonRepr(macs)}. Port ids: ${pythonRepr(found.map((f) => f.port))}`,
  )
}

/** Another vendor interface with the calls of the agent added. */
export const withAgentCalls = (name: string, base: VendorInterface): VendorInterface => ({
  ...base,
  name,
  nodeMethods: { ...base.nodeMethods, heartbeat },
  driverMethods: { ...base.driverMethods, lookup },
  async validateMethod(task: Task, method: string, args: JsonObject) {
    if (method !== 'heartbeat') return await base.validateMethod(task, method, args)
    urlOf(args)
  },
})

const nothingElse: VendorInterface = {
  name: 'agent-passthru',
  kind: 'vendor',
  properties: {},
  nodeMethods: {},
  driverMethods: {},
  validate: () => Promise.resolve(),
  validateMethod: () => Promise.resolve(),
}

export const agentVendor = withAgentCalls('agent-passthru', nothingElse)
