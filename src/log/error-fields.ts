import { safeMessage } from '../error-text.js'

/** An error as it stands in a line of the log. */
export interface ErrorFields {
  readonly type: string
  readonly message: string
  readonly stack?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
  readonly [detail: string]: unknown
}

/** Own members of errors that say more and hold no data: of Node, undici, PostgreSQL and ours. */
const details = [
  'code',
  'errno',
  'syscall',
  'address',
  'port',
  'status',
  'statusCode',
  'severity',
  'table_name',
  'constraint_name',
  'table',
  'constraint',
  'messageId',
  'completionCode',
] as const

const mostCauses = 8
const mostMembers = 8

/**
 * Turns whatever was thrown into fields: class, message, stack, the chain of causes and the members
 * of an AggregateError. Only listed members are copied, because errors of libraries carry requests,
 * statements and bound values.
 * @param depth how many causes are above this one
 */
export function errorFields(thrown: unknown, depth = 0): ErrorFields {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: textOf(thrown) }
  const type = thrown.name === 'Error' ? thrown.constructor.name : thrown.name
  const message = safeMessage(thrown)
  const frames = framesOf(thrown)
  return {
    type,
    message,
    ...(frames === '' ? {} : { stack: `${type}: ${message}\n${frames}` }),
    ...detailsOf(thrown),
    ...membersOf(thrown, depth),
    ...(thrown.cause === undefined ? {} : { cause: below(thrown.cause, depth) }),
  }
}

const below = (thrown: unknown, depth: number): ErrorFields =>
  depth < mostCauses
    ? errorFields(thrown, depth + 1)
    : { type: 'more', message: 'more causes follow' }

function membersOf(thrown: Error, depth: number): Partial<ErrorFields> {
  if (!(thrown instanceof AggregateError)) return {}
  const members: unknown[] = thrown.errors
  return { errors: members.slice(0, mostMembers).map((member) => below(member, depth)) }
}

/** The stack without its first lines, which repeat the message. */
function framesOf({ stack }: Error): string {
  const lines = typeof stack === 'string' ? stack.split('\n') : []
  return lines.filter((line) => /^\s+at .*(?:[:)]|>)\S*$/.test(line)).join('\n')
}

function detailsOf(error: Error): Record<string, unknown> {
  const members = error as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    details
      .filter((name) => ['string', 'number'].includes(typeof members[name]))
      .map((name) => [name, members[name]]),
  )
}

/** What is thrown without being an error; objects may hold anything, so only their kind is named. */
function textOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null) {
    const { constructor } = thrown as { constructor?: { name?: string } }
    return `a thrown ${constructor?.name ?? 'object'}`
  }
  return String(thrown)
}
