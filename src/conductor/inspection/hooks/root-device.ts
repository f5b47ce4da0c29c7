import { isObject, type Plain } from '../plain.js'
import { setProperty, type Hook, type HookRun } from './types.js'

const GiB = 1024 ** 3

/** Chooses the root disk by the node's hints and says how much of it there is. */
export const rootDevice: Hook = {
  name: 'root-device',
  run(run) {
    chooseByHints(run)
    const disk = run.pluginData['root_disk']
    const size = isObject(disk) ? Math.floor(Number(disk['size']) / GiB) : 0
    const spare = size > 0 && run.task.ctx.config.inspector.disk_partitioning_spacing ? 1 : 0
    run.pluginData['local_gb'] = size - spare
    setProperty(run, 'local_gb', size - spare)
  },
}

function chooseByHints({ task, inventory, pluginData }: HookRun): void {
  const hints = task.node.properties?.['root_device']
  if (!isObject(hints) || Object.keys(hints).length === 0) return
  const skipped = task.node.properties?.['skip_block_devices']
  const listed = inventory['disks']
  const disks = Array.isArray(listed) ? (listed as unknown[]).filter(isObject) : []
  const wanted = disks.filter(
    (d) => !(Array.isArray(skipped) && skipped.some((s) => isObject(s) && fits(d, s))),
  )
  const disk = wanted.find((d) => fits(d, hints))
  if (disk === undefined) {
    throw new Error(`No disks satisfied root device hints for node ${task.node.uuid}`)
  }
  pluginData['root_disk'] = disk
}

/** Whether a disk satisfies every hint. */
export function fits(disk: Plain, hints: Plain): boolean {
  return Object.entries(hints).every(([name, hint]) => fitsOne(name, disk[name], hint))
}

const plain = (v: unknown): string =>
  typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean'
    ? String(v).trim().toLowerCase()
    : ''

function fitsOne(name: string, given: unknown, hint: unknown): boolean {
  if (given === undefined || given === null) return false
  const actual = plain(name === 'size' ? Math.floor(Number(given) / GiB) : given)
  const wanted = plain(decoded(hint))
  if (name === 'rotational') return isTrue(wanted) === isTrue(actual)
  const [, operator = name === 'size' ? '==' : 's==', rest = ''] =
    /^(<or>|<in>|<all-in>|s?(?:==|!=|<=|>=|<|>)|=)?\s*(.*)$/.exec(wanted) ?? []
  return compare(operator, actual, rest)
}

/** Hints may be percent-encoded, since operators hold spaces. */
function decoded(hint: unknown): unknown {
  if (typeof hint !== 'string' || !hint.includes('%')) return hint
  try {
    return decodeURIComponent(hint)
  } catch {
    // Not an encoding after all: a bare percent sign is part of the name.
    return hint
  }
}

const isTrue = (word: string): boolean => ['true', '1', 'yes', 'on', 't', 'y'].includes(word)

/** The operators of oslo's specs matcher: bare ones compare numbers, `s…` ones texts. */
function compare(operator: string, actual: string, wanted: string): boolean {
  const [a, b] = [Number(actual), Number(wanted)]
  switch (operator) {
    case '=':
      return a >= b
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case 's==':
      return actual === wanted
    case 's!=':
      return actual !== wanted
    case 's<':
      return actual < wanted
    case 's<=':
      return actual <= wanted
    case 's>':
      return actual > wanted
    case 's>=':
      return actual >= wanted
    case '<in>':
      return actual.includes(wanted)
    case '<all-in>':
      return wanted.split('<all-in>').every((w) => actual.includes(w.trim()))
    default: // <or>
      return wanted.split('<or>').some((w) => w.trim() === actual)
  }
}
