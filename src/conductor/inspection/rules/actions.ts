/** What inspection rules do (conductor.md 13.6). */
import { and, eq } from 'drizzle-orm'
import type { PortRow } from '../../../db/rows.js'
import { nodeTraits, ports } from '../../../db/schema/index.js'
import { ObjectNotFound } from '../../../errors.js'
import { pythonStr } from '../../../python-repr.js'
import type { NodeTask } from '../../node-task.js'
import { deleteAt, getAt, isObject, setAt } from '../plain.js'
import { callApi } from './api-call.js'
import { namedArgs, type RuleArgs } from './args.js'
import {
  deleteAttribute,
  extendAttribute,
  extended,
  nodeColumns,
  portColumns,
  setAttribute,
} from './attributes.js'
import { isLoop } from './conditions.js'
import { RuleFailed } from './failure.js'
import { interpolateArgs, type Loop, type RuleData } from './interpolate.js'
import { actionSpecs, isAction, type ActionName } from './operations.js'
import type { RuleStep } from './validate.js'

type Action = (task: NodeTask, args: RuleArgs, data: RuleData) => void | Promise<void>

const text = (value: unknown): string => pythonStr(value)

/** Runs a change; what it throws is the action's failure. */
function attempt(what: string, change: () => void): void {
  try {
    change()
  } catch (e) {
    throw RuleFailed.action(`${what}: ${e instanceof Error ? e.message : String(e)}`)
  }
}

/** @throws RuleFailed with upstream's text, whatever went wrong inside */
async function attemptAsync(what: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change()
  } catch (e) {
    throw RuleFailed.action(`${what}: ${e instanceof Error ? e.message : String(e)}`)
  }
}

const levels = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
} as const

function log(task: NodeTask, { msg, level = 'info' }: RuleArgs): void {
  const name = text(level).toLowerCase()
  if (!Object.hasOwn(levels, name)) {
    throw RuleFailed.rule(
      `Invalid log level: ${name}. Choose from ${Object.keys(levels).join(', ')}`,
    )
  }
  task.ctx.log[levels[name as keyof typeof levels]]({ node: task.node.uuid }, text(msg))
}

/** Capabilities as `properties.capabilities` lists them: `a:b,c:d`. */
function capabilities(task: NodeTask): string[] {
  const listed = task.node.properties?.['capabilities']
  return typeof listed === 'string' ? listed.split(',').filter((c) => c !== '') : []
}

export function storeCapabilities(task: NodeTask, list: readonly string[]): void {
  task.node.properties = { ...task.node.properties, capabilities: list.join(',') }
}

/** Appends, as upstream does, also where the name is there already. */
export function addCapability(task: NodeTask, name: string, value: string): void {
  storeCapabilities(task, [...capabilities(task), `${name}:${value}`])
}

function removeCapability(task: NodeTask, name: string): void {
  storeCapabilities(
    task,
    capabilities(task).filter((c) => !c.startsWith(`${name}:`)),
  )
}

async function addTrait(task: NodeTask, name: string): Promise<void> {
  await task.ctx.db.orm
    .insert(nodeTraits)
    .values({ nodeId: task.node.id, trait: name })
    .onConflictDoNothing()
}

async function removeTrait(task: NodeTask, name: string): Promise<void> {
  await task.ctx.db.orm
    .delete(nodeTraits)
    .where(and(eq(nodeTraits.nodeId, task.node.id), eq(nodeTraits.trait, name)))
}

/** Changes a port of the node and stores it. @throws ObjectNotFound 404 */
async function changePort(
  task: NodeTask,
  id: unknown,
  what: string,
  change: (port: PortRow) => void,
): Promise<void> {
  const port = (await task.ports()).find((p) => p.uuid === id)
  if (port === undefined) throw new ObjectNotFound('Port', text(id))
  await attemptAsync(what, async () => {
    change(port)
    const { id: rowId, ...values } = port
    await task.ctx.db.orm
      .update(ports)
      .set({ ...values, updatedAt: task.ctx.clock.now() })
      .where(eq(ports.id, rowId))
  })
}

const keys = (path: unknown): string[] =>
  Array.isArray(path) ? path.map(text) : text(path).split('.')

/** A parent whose only member goes, goes with it. */
function unsetPluginData(data: RuleData, path: readonly string[]): void {
  const parent = getAt(data.pluginData, path.slice(0, -1))
  if (!isObject(parent) || !Object.hasOwn(parent, path.at(-1) ?? '')) return
  const alone = Object.keys(parent).length === 1
  if (!alone) deleteAt(data.pluginData, path)
  else if (path.length > 1) deleteAt(data.pluginData, path.slice(0, -1))
}

const actions: Readonly<Record<ActionName, Action>> = {
  fail: (_task, { msg }) => {
    throw new RuleFailed(`Failed to inspect hardware. Reason: ${text(msg)}`)
  },
  log,
  'set-attribute': ({ node }, { path, value }) =>
    attempt(`Failed to set attribute ${text(path)} with value ${text(value)}`, () =>
      setAttribute(nodeColumns, node, text(path), value),
    ),
  'extend-attribute': ({ node }, { path, value, unique }) =>
    attempt(`Failed to extend attribute ${text(path)}`, () =>
      extendAttribute(nodeColumns, node, text(path), value, Boolean(unique)),
    ),
  'del-attribute': ({ node }, { path }) =>
    attempt(`Failed to delete attribute at ${text(path)}`, () =>
      deleteAttribute(nodeColumns, node, text(path)),
    ),
  'set-capability': (task, { name, value }) => addCapability(task, text(name), text(value)),
  'unset-capability': (task, { name }) => removeCapability(task, text(name)),
  'add-trait': (task, { name }) =>
    attemptAsync(`Failed to add new trait ${text(name)}`, () => addTrait(task, text(name))),
  'remove-trait': (task, { name }) =>
    attemptAsync(`Failed to remove trait ${text(name)}`, () => removeTrait(task, text(name))),
  'set-plugin-data': (_task, { path, value }, data) =>
    attempt(`Failed to set plugin data at ${text(path)}`, () =>
      setAt(data.pluginData, keys(path), value),
    ),
  'extend-plugin-data': (_task, { path, value, unique }, data) =>
    attempt(`Failed to extend plugin data at ${text(path)}`, () => {
      const there = getAt(data.pluginData, keys(path))
      setAt(data.pluginData, keys(path), extended(there, text(path), value, Boolean(unique)))
    }),
  'unset-plugin-data': (_task, { path }, data) => unsetPluginData(data, keys(path)),
  'set-port-attribute': (task, { port_id: id, path, value }) =>
    changePort(task, id, `Failed to set attribute ${text(path)} for port ${text(id)}`, (port) =>
      setAttribute(portColumns, port, text(path), value),
    ),
  'extend-port-attribute': (task, { port_id: id, path, value, unique }) =>
    changePort(task, id, `Failed to extend attribute ${text(path)} for port ${text(id)}`, (port) =>
      extendAttribute(portColumns, port, text(path), value, Boolean(unique)),
    ),
  'del-port-attribute': (task, { port_id: id, path }) =>
    changePort(task, id, `Failed to delete attribute ${text(path)} for port ${text(id)}`, (port) =>
      deleteAttribute(portColumns, port, text(path)),
    ),
  'api-call': (task, args) => callApi(task, args),
}

/**
 * Does an action, for every item where it has a loop.
 * @param dataOf what templates see now: actions change it
 * @throws RuleFailed, ObjectNotFound, Invalid
 */
export async function act(task: NodeTask, action: RuleStep, dataOf: () => RuleData): Promise<void> {
  const { loop } = action
  if (!isLoop(loop)) return await actOnce(task, action, dataOf())
  const items: readonly unknown[] = Array.isArray(loop) ? loop : [loop]
  for (const item of items) await actOnce(task, action, dataOf(), { item })
}

async function actOnce(
  task: NodeTask,
  action: RuleStep,
  data: RuleData,
  loop?: Loop,
): Promise<void> {
  const { op } = action
  if (!isAction(op)) throw new RuleFailed(`Unsupported action: '${op}'.`)
  const spec = actionSpecs[op]
  const args = interpolateArgs(spec, op, namedArgs(spec, action.args), data, loop)
  await actions[op](task, args, data)
}
