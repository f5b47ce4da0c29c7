import { IronicError, RoutingError } from '../../errors.js'
import type { Operation } from './types.js'
import { covers } from './versions.js'

/**
 * Refuses an operation that a version does not have.
 * @param when `early`: before arguments are read; `late`: asked by the handler, of operations
 *   whose contract says so (`below.late`)
 * @throws IronicError, RoutingError as `x-ferric.below` says
 */
export function gateOperation(op: Operation, minor: number, when: 'early' | 'late'): void {
  if (covers(op, minor)) return
  const below = op.options.below.find((b) => minor <= b.max)
  if (below === undefined) throw new Error(`${op.id} has no answer for 1.${minor}`)
  if (below.late !== (when === 'late')) return
  const { status, text, router, allow } = below
  if (!router) throw new IronicError(text, { status })
  const title = status === 405 ? 'Method Not Allowed' : 'Not Found'
  throw new RoutingError(status, title, text, allow === null ? {} : { Allow: allow })
}

/** The status with which the router refuses whatever is asked of the operation's place, or null. */
export function routerRefusal(op: Operation, minor: number): number | null {
  if (covers(op, minor)) return null
  const below = op.options.below.find((b) => minor <= b.max)
  return below?.router === true ? below.status : null
}
