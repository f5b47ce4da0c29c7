/** What inspection rules do (docs/reference/conductor.md 13.6). */
import { and, eq } from 'drizzle-orm'
import { errorText } from '../../../error-text.js'
import type { PortRow } from '../../../db/rows.js'
import { nodeTraits, ports } from '../../../db/schema/index.js'
import { ObjectNotFound } from '../../../errors.js'
import { pythonType } from '../../../python/compare.js'
import { pythonStr } from '../../../python/repr.js'
import type { NodeTask } from '../../node/task.js'
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
import { reasonOf, RuleFailed } from './failure.js'
import type { Loop, RuleData } from './interpolate.js'
import { actionSpecs, isAction, type ActionName } from './operations.js'
import { filledArgs } from './sandboxed.js'
import type { RuleStep } from './validate.js'

type Action = (task: NodeTask, args: RuleArgs, data: RuleData) => void | Promise<void>

const text = (value: unknown): string => pythonStr(value)

/** Runs a change; what it throws is the action's failure. */
function attempt(what: string, change: () => void): void {
  try {
    change()
  } catch (e) {
    throw RuleFailed.action(`${what}: ${errorText(e)}`)
  }
}

/**
 * Changes the node and stores it. What fails is taken back: the node must still be one that can be stored.
 * @throws RuleFailed
 */
async function changeNode(task: NodeTask, what: string, change: () => void): Promise<void> {
  const before = { ...task.node }
  try {
    change()
    await task.save()
  } catch (e) {
    if (task.signal.aborted) throw e
    Object.assign(task.node, before)
    throw RuleFailed.action(`${what}: ${reasonOf(e)}`)
  }
}

/** @throws RuleFailed with upstream's text, whatever went wrong inside */
async function attemptAsync(what: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change()
  } catch (e) {
    throw RuleFailed.action(`${what}: ${reasonOf(e)}`)
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
    throw new RuleFailed(
      `Invalid log level: ${name}. Choose from ${Object.keys(levels).join(', ')}`,
    )
  }
  task.ctx.log.inspection[levels[name as keyof typeof levels]]({ node: task.node.uuid }, text(msg))
}

/** Capabilities as `properties.capabilities` lists them: `a:b,c:d`. @throws TypeError on what is no text */
function capabilities(task: NodeTask): string[] {
  const listed = task.node.properties?.['capabilities'] ?? ''
  if (listed === '') return []
  if (typeof listed === 'string') return listed.split(',')
  throw new TypeError(`'${pythonType(listed)}' object has no attribute 'split'`)
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

/** @throws TypeError as Python on what is neither text nor list */
function keys(path: unknown): string[] {
  if (Array.isArray(path)) return path.map(text)
  if (typeof path === 'string') return path.split('.')
  throw new TypeError(`'${pythonType(path)}' object is not subscriptable`)
}

/** What Python takes for false: a list is begun in its place. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value

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
  'set-attribute': (task, { path, value }) =>
    changeNode(task, `Failed to set attribute ${text(path)} with value ${text(value)}`, () =>
      setAttribute(nodeColumns, task.node, text(path), value),
    ),
  'extend-attribute': (task, { path, value, unique }) =>
    changeNode(task, `Failed to extend attribute ${text(path)}`, () =>
      extendAttribute(nodeColumns, task.node, text(path), value, Boolean(unique)),
    ),
  'del-attribute': (task, { path }) =>
    changeNode(task, `Failed to delete attribute at ${text(path)}`, () =>
      deleteAttribute(nodeColumns, task.node, text(path)),
    ),
  'set-capability': (task, { name, value }) =>
    changeNode(task, `Failed to set capability ${text(name)}`, () => {
      if (typeof value !== 'string') throw new TypeError(`${pythonType(value)} is no text`)
      addCapability(task, text(name), value)
    }),
  'unset-capability': (task, { name }) =>
    changeNode(task, `Failed to unset capability ${text(name)}`, () =>
      removeCapability(task, text(name)),
    ),
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
      const list = isEmpty(there) ? [] : there
      setAt(data.pluginData, keys(path), extended(list, text(path), value, Boolean(unique)))
    }),
  'unset-plugin-data': (_task, { path }, data) =>
    attempt(`Failed to unset plugin data at ${text(path)}`, () =>
      unsetPluginData(data, keys(path)),
    ),
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
  const named = namedArgs(op, actionSpecs[op], action.args)
  const args = await filledArgs(op, named, data, { loop, signal: task.signal })
  await actions[op](task, args, data)
}
