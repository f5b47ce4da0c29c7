/** Tries every odd value on every field, one at a time, on something that is otherwise right. */
import type { Reply } from '../../_util/api.js'
import { oddValues } from '../../_util/matrix.js'
import type { Action, Stand } from './actions.js'
import { NeverEnds, type Ground } from './ground.js'
import { withValue, type Refs, type Subject } from './subjects.js'

const version = '1.115'
/** After the status of what was accepted. */
export const NEVER_ENDS = ', and never ends'

/**
 * What an answer is to a client: its status and, when it refuses, the form of the fault. `closed` is no answer that
 * can be read; `, and never ends` follows where the node is worked on for good.
 */
export type Verdict = string
/** By the name of the value. */
export type Verdicts = Readonly<Record<string, Verdict>>

/** What was found for one field: the verdicts, and whether anything that is stored had changed by refusals. */
export interface Found {
  readonly verdicts: Verdicts
  readonly leavesTraces: boolean
}

function verdictOf(reply: Reply): Verdict {
  if (reply.status < 400) return String(reply.status)
  const fault = reply.body?.['error_message']
  if (typeof fault !== 'string') return `${reply.status} flat`
  const { faultcode } = JSON.parse(fault) as { faultcode?: string }
  return `${reply.status} ${faultcode ?? 'flat'}`
}

const accepted = (reply: Reply): boolean => reply.status < 400

type Try = (value: unknown) => Promise<Reply>

/** What a server says that breaks off, or says more than can be read; undefined. */
async function answerOf(attempt: Try, value: unknown): Promise<Reply | undefined> {
  try {
    return await attempt(value)
  } catch (error) {
    if (error instanceof TypeError && error.message === 'fetch failed') return undefined
    throw error
  }
}

/**
 * Every value once; `renew` makes good again what an accepted one has changed. Then all that was refused
 * once more in a row, so that what is stored need be read twice only.
 */
async function tryAll(
  ground: Ground,
  attempt: Try,
  renew: (reply: Reply) => Promise<void>,
): Promise<Found> {
  const verdicts: Record<string, Verdict> = {}
  const refused: unknown[] = []
  for (const [what, value] of oddValues) {
    const reply = await answerOf(attempt, value)
    verdicts[what] = reply === undefined ? 'closed' : verdictOf(reply)
    if (reply === undefined || !accepted(reply)) refused.push(value)
    else if (!(await renewed(renew, reply))) verdicts[what] += NEVER_ENDS
  }
  return { verdicts, leavesTraces: await leavesTraces(ground, attempt, refused) }
}

/** Whether what was accepted came to an end. */
async function renewed(renew: (reply: Reply) => Promise<void>, reply: Reply): Promise<boolean> {
  try {
    await renew(reply)
    return true
  } catch (error) {
    if (error instanceof NeverEnds) return false
    throw error
  }
}

/** Whether refused values change anything that is stored. */
async function leavesTraces(ground: Ground, attempt: Try, refused: unknown[]): Promise<boolean> {
  const before = await ground.stored()
  if (before === undefined) return false
  for (const value of refused) await attempt(value)
  return (await ground.stored()) !== before
}

async function must(ground: Ground, method: string, path: string, body?: unknown) {
  const reply = await ground.send(method, path, { version, body })
  if (accepted(reply)) return reply
  throw new Error(`${method} ${path}: ${reply.status} ${reply.fault}`)
}

/** Removes what was made, as far as it lets itself be removed. */
async function discard(ground: Ground, path: string, uuid: unknown): Promise<void> {
  const one = `${path}/${encodeURIComponent(String(uuid))}`
  const gone = await ground.send('DELETE', one, { version })
  if (accepted(gone) || path !== '/v1/nodes') return
  const loosen = [
    { op: 'replace', path: '/protected', value: false },
    { op: 'remove', path: '/instance_uuid' },
  ]
  await ground.send('PATCH', one, { version, body: loosen })
  await ground.send('DELETE', one, { version })
}

/** Creates with each odd value. */
async function tryCreating(ground: Ground, refs: Refs, subject: Subject, field: string) {
  const { path, base } = subject
  const create: Try = (value) =>
    ground.send('POST', path, { version, body: withValue(base(refs), field, value) })
  return tryAll(ground, create, async (reply) => {
    await ground.settle(refs.node)
    await discard(ground, path, reply.body?.['uuid'])
  })
}

function exists(body: unknown, pointer: string): boolean {
  const parts = pointer.split('/')
  if (parts.length === 1) return true
  let at: unknown = body
  for (const part of parts) at = (at as Record<string, unknown> | undefined)?.[part]
  return at !== undefined
}

/** Patches with each odd value. */
async function tryPatching(ground: Ground, refs: Refs, subject: Subject, field: string) {
  const { path, base } = subject
  const body = base(refs)
  const op = exists(body, field) ? 'replace' : 'add'
  const make = async () => (await must(ground, 'POST', path, body)).body?.['uuid'] as string
  let uuid = await make()
  await ground.settle(refs.node)
  const change: Try = (value) =>
    ground.send('PATCH', `${path}/${uuid}`, {
      version,
      body: [{ op, path: `/${field}`, value }],
    })
  const found = await tryAll(ground, change, async (reply) => {
    await discard(ground, path, reply.body?.['uuid'])
    uuid = await make()
    await ground.settle(refs.node)
  })
  await discard(ground, path, uuid)
  return found
}

const WAYS: Record<Stand, readonly string[]> = {
  enroll: [],
  manageable: ['manage'],
  available: ['manage', 'provide'],
  active: ['manage', 'provide', 'active'],
}

/** A node, brought to where it shall stand. */
export async function newNode(ground: Ground, stand: Stand): Promise<string> {
  const made = await must(ground, 'POST', '/v1/nodes', { driver: 'fake-hardware' })
  const uuid = made.body?.['uuid'] as string
  for (const target of WAYS[stand]) {
    await must(ground, 'PUT', `/v1/nodes/${uuid}/states/provision`, { target })
    await ground.settle(uuid)
  }
  return uuid
}

/** What bodies refer to: a node that is off, so that its volumes can be changed. */
export async function newRefs(ground: Ground): Promise<Refs> {
  const node = await newNode(ground, 'enroll')
  await must(ground, 'PUT', `/v1/nodes/${node}/states/power`, { target: 'power off' })
  await ground.settle(node)
  return { node }
}

/** Asks a node with each odd value; after one that it took, another node is asked. */
async function tryActing(ground: Ground, action: Action, field: string): Promise<Found> {
  const { method, path, stand } = action
  let uuid = await newNode(ground, stand)
  const act: Try = (value) =>
    ground.send(method, `/v1/nodes/${uuid}${path}`, {
      version,
      body: field === '' ? value : withValue(action.body, field, value),
    })
  const found = await tryAll(ground, act, async () => {
    const used = uuid
    uuid = await newNode(ground, stand)
    await ground.settle(used)
    await discard(ground, '/v1/nodes', used)
  })
  await discard(ground, '/v1/nodes', uuid)
  return found
}

/** One field to try, by the name its verdicts are kept under. */
export interface Probe {
  readonly name: string
  /** The subject or action it belongs to. */
  readonly of: string
  readonly run: () => Promise<Found>
}

/** All fields of these, in one order. */
export function probes(
  ground: Ground,
  refs: Refs,
  subjects: readonly Subject[],
  actions: readonly Action[],
): Probe[] {
  const ofSubject = (subject: Subject): Probe[] => [
    ...subject.fields.map((field) => ({
      name: `POST ${subject.name} ${field}`,
      of: subject.name,
      run: () => tryCreating(ground, refs, subject, field),
    })),
    ...subject.fields.map((field) => ({
      name: `PATCH ${subject.name} ${field}`,
      of: subject.name,
      run: () => tryPatching(ground, refs, subject, field),
    })),
  ]
  const ofAction = (action: Action): Probe[] =>
    action.fields.map((field) => ({
      name: `${action.method} node ${action.name} ${field === '' ? '(body)' : field}`,
      of: action.name,
      run: () => tryActing(ground, action, field),
    }))
  return [...subjects.flatMap(ofSubject), ...actions.flatMap(ofAction)]
}
