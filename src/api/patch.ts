/** JSON patch as upstream applies it (docs/reference/rest-api.md, section 7): add, replace, remove. */
import { Invalid, PatchError } from '../errors.js'
import { maskSecrets } from '../mask.js'
import { isObject } from './validation/json-schema.js'
import { pyRepr } from './validation/python-repr.js'

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

export type Patch = readonly PatchOperation[]

const segmentsOf = (path: string) => path.split('/').slice(1)
const rootOf = (path: string) => segmentsOf(path)[0] ?? ''

/**
 * Refuses paths whose root attribute may not be changed.
 * @param patchable names in the order upstream lists them
 * @throws Invalid 400
 */
export function checkPatchable(patch: Patch, patchable: readonly string[]): void {
  const bad = patch.find((p) => !patchable.includes(rootOf(p.path)))
  if (bad !== undefined) {
    throw new Invalid(
      `Cannot patch ${bad.path}. Only the following can be updated: ${patchable.join(', ')}`,
    )
  }
}

/**
 * Applies a patch to a JSON object.
 * @param document the object as stored, with every patchable root attribute present
 * @returns a changed copy; removed root attributes become null
 * @throws Invalid, PatchError 400
 */
export function applyPatch(
  document: Readonly<Record<string, unknown>>,
  patch: Patch,
): Record<string, unknown> {
  const result = patchDocument(document, patch)
  for (const root of Object.keys(document)) if (!Object.hasOwn(result, root)) result[root] = null
  return result
}

/**
 * As `applyPatch`, but removed root attributes are gone, so that a schema can miss them.
 * @throws Invalid, PatchError 400
 */
export function patchDocument(
  document: Readonly<Record<string, unknown>>,
  patch: Patch,
): Record<string, unknown> {
  const result = structuredClone(document) as Record<string, unknown>
  const roots = new Set(Object.keys(document))
  for (const op of patch) {
    const path = segmentsOf(op.path)
    const root = path[0] ?? ''
    if (op.op === 'add' && path.length === 1 && !roots.has(root)) {
      throw new Invalid(
        `Adding a new attribute (/${root}) to the root of the resource is not allowed`,
      )
    }
    applyOne(result, op, path)
  }
  return result
}

/** A changed document without the root attributes a patch removed, as schemas see it. */
export function withoutRemoved(
  after: Readonly<Record<string, unknown>>,
  patch: Patch,
): Record<string, unknown> {
  const gone = new Set<string>()
  for (const { op, path } of patch) {
    const [root = '', ...below] = segmentsOf(path)
    if (op === 'remove' && below.length === 0) gone.add(root)
    else gone.delete(root)
  }
  return Object.fromEntries(Object.entries(after).filter(([name]) => !gone.has(name)))
}

function applyOne(document: Record<string, unknown>, op: PatchOperation, path: string[]): void {
  const fail = (reason: string) => new PatchError(pyRepr(withoutSecret(op)), reason)
  if (op.op !== 'remove' && !Object.hasOwn(op, 'value')) {
    throw fail("The operation does not contain a 'value' member")
  }
  const last = path.at(-1) ?? ''
  let at: unknown = document
  for (const key of path.slice(0, -1)) at = step(at, key, fail)
  if (Array.isArray(at)) changeArray(at as unknown[], last, op, fail)
  else if (isObject(at)) changeObject(at, last, op, fail)
  else throw fail(typeof at === 'string' ? inText(last) : unsupported(at))
}

/** The operation as its error shows it: values of secret members are hidden. */
function withoutSecret(op: PatchOperation): PatchOperation {
  if (op.value === undefined) return op
  const name = segmentsOf(op.path).at(-1) ?? ''
  return { ...op, value: maskSecrets({ [name]: op.value })[name] }
}

/** Python takes a text for a sequence, which it then cannot change. */
function inText(key: string): string {
  return /^(0|[1-9]\d*)$/.test(key) ? `can't change a text at '${key}'` : notAnIndex(key)
}

/** Upstream's text goes on with the document, which holds secrets of other users. */
const notMember = (key: string) => `member '${key}' not found`

const notAnIndex = (key: string) => `'${key}' is not a valid sequence index`

type Fail = (reason: string) => PatchError

function step(at: unknown, key: string, fail: Fail): unknown {
  if (Array.isArray(at)) {
    const list: unknown[] = at
    const i = arrayIndex(key, fail)
    if (i >= list.length) throw fail(notMember(key))
    return list[i]
  }
  if (!isObject(at)) throw fail(unsupported(at))
  if (!Object.hasOwn(at, key)) throw fail(notMember(key))
  return at[key]
}

function changeObject(
  at: Record<string, unknown>,
  key: string,
  op: PatchOperation,
  fail: Fail,
): void {
  if (op.op !== 'add' && !Object.hasOwn(at, key)) {
    throw fail(`can't ${op.op} a non-existent object '${key}'`)
  }
  if (op.op === 'remove') delete at[key]
  else at[key] = op.value
}

function changeArray(at: unknown[], key: string, op: PatchOperation, fail: Fail): void {
  const i = key === '-' && op.op === 'add' ? at.length : arrayIndex(key, fail)
  if (op.op === 'add') {
    if (i > at.length) throw fail("can't insert outside of list")
    at.splice(i, 0, op.value)
  } else {
    if (i >= at.length) {
      throw fail(
        op.op === 'remove'
          ? `can't remove a non-existent object '${key}'`
          : "can't replace outside of list",
      )
    }
    at.splice(i, 1, ...(op.op === 'replace' ? [op.value] : []))
  }
}

function arrayIndex(key: string, fail: Fail): number {
  if (!/^(0|[1-9]\d*)$/.test(key)) throw fail(notAnIndex(key))
  return Number(key)
}

const pythonTypes: Readonly<Record<string, string>> = {
  string: 'str',
  boolean: 'bool',
  object: 'NoneType',
}

function unsupported(at: unknown): string {
  const number = typeof at === 'number' ? (Number.isInteger(at) ? 'int' : 'float') : ''
  const name = number === '' ? (pythonTypes[typeof at] ?? typeof at) : number
  return `Document '<class '${name}'>' does not support indexing, must be mapping/sequence or support __getitem__`
}
