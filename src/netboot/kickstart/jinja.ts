/**
 * The parts of Jinja2 that kickstart templates need. Templates come by references that tenants may set,
 * so they are interpreted: they reach no file, no module and no JavaScript. A single step may still
 * take minutes (a list that was doubled many times), so tenants' templates run in the sandbox.
 */
import { errorText } from '../../error-text.js'
import { InvalidKickstartTemplate } from './errors.js'
import { Environment, Interpreter, parse, tokenize } from './interpreter.js'
import type { Node, Scope, Value } from './interpreter.js'

export type Variables = Readonly<Record<string, unknown>>

export interface RenderOptions {
  /** An undefined variable is an error instead of an empty text. */
  readonly strict?: boolean
}

/** A kickstart file of a thousand lines takes a few thousand steps. */
const mostSteps = 50_000
const longestRange = 1000
const mostCharacters = 16 * 1024 * 1024

/**
 * Renders a template.
 * @throws InvalidKickstartTemplate for a template that is invalid or does not end,
 *   UndefinedVariable (`strict`)
 */
export function renderTemplate(
  text: string,
  variables: Variables,
  options: RenderOptions = {},
): string {
  const { source, literals } = withoutRaw(text)
  try {
    const program = parse(tokenize(source))
    const printed = new Set(statementsOf(program.body))
    const env = environment({ ...variables, ...literals })
    const interpreter = new Bounded(env, options.strict ? printed : new Set())
    const result = String(interpreter.run(program).value)
    if (result.length > mostCharacters) throw new Error('the result is too long')
    return result
  } catch (cause) {
    if (cause instanceof UndefinedVariable) throw cause
    const message = errorText(cause)
    throw new InvalidKickstartTemplate(
      `The kickstart template cannot be rendered: ${message.slice(0, 500)}`,
      cause,
    )
  }
}

function environment(variables: Variables): Scope {
  const made = new Environment()
  const globals = { true: true, false: false, none: null, True: true, False: false, None: null }
  for (const [name, value] of Object.entries({ ...globals, range, ...variables })) {
    made.set(name, value)
  }
  return made
}

/** Python's `range`, with a limit. */
function range(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end]
  const length = Math.max(0, Math.ceil((to - from) / step))
  if (!(length <= longestRange)) throw new Error(`range() of more than ${longestRange}`)
  return Array.from({ length }, (_, i) => from + i * step)
}

/** Counts the steps of the evaluation. A strict one also stops at an undefined value that is printed. */
class Bounded extends Interpreter {
  readonly #printed: ReadonlySet<Node>
  #steps = 0

  constructor(env: Scope, printed: ReadonlySet<Node>) {
    super(env)
    this.#printed = printed
  }

  override evaluate(statement: Node | undefined, env: Scope): Value {
    if (++this.#steps > mostSteps) throw new Error('it does not come to an end')
    const value = super.evaluate(statement, env)
    if (
      value.type === 'UndefinedValue' &&
      statement !== undefined &&
      this.#printed.has(statement)
    ) {
      throw new UndefinedVariable(nameOf(statement))
    }
    return value
  }
}

/** The template uses an undefined variable. */
export class UndefinedVariable extends Error {
  override readonly name = 'UndefinedVariable'
  constructor(name: string) {
    super(`${name} is undefined`)
  }
}

/** The fields of a syntax node that are used here. */
interface Parts {
  readonly body?: Node[]
  readonly alternate?: Node[]
  readonly defaultBlock?: Node[]
  readonly value?: unknown
  readonly object?: Node
  readonly property?: Node
}

/** `ks_options.liveimg_url` */
function nameOf(node: Node): string {
  const { object, property, value } = node as Parts
  if (object !== undefined && property !== undefined) return `${nameOf(object)}.${nameOf(property)}`
  return typeof value === 'string' ? value : 'an expression'
}

/**
 * Finds every statement whose value is printed. A loop that prints nothing gets a statement, so that
 * its rounds are counted.
 */
function* statementsOf(block: readonly Node[]): Generator<Node> {
  for (const node of block) {
    yield node
    const { body, alternate, defaultBlock } = node as Parts
    if (node.type === 'For' && body?.length === 0) body.push({ type: 'Comment' })
    for (const inner of [body, alternate, defaultBlock]) {
      if (Array.isArray(inner)) yield* statementsOf(inner)
    }
  }
}

const rawTag = /\{%([-+]?)\s*(raw|endraw)\s*([-+]?)%\}/g

/** A tag that begins or ends a raw part. */
interface RawTag {
  readonly name: string
  /** `-` trims the white space before or after the tag. */
  readonly before: string
  readonly after: string
  readonly start: number
  readonly end: number
}

function* rawTags(text: string): Generator<RawTag> {
  for (const match of text.matchAll(rawTag)) {
    const [whole, before = '', name = '', after = ''] = match
    yield { name, before, after, start: match.index, end: match.index + whole.length }
  }
}

/**
 * The interpreter does not implement `{% raw %}`, so the text inside becomes a variable. Shell scripts
 * need it, because `${#name}` would begin a comment. One pass reads the text, whatever it holds.
 */
export function withoutRaw(text: string): { source: string; literals: Record<string, string> } {
  const literals: Record<string, string> = {}
  const parts: string[] = []
  let [at, count] = [0, 0]
  let open: RawTag | null = null
  for (const tag of rawTags(text)) {
    if (open === null) {
      if (tag.name === 'raw') open = tag
    } else if (tag.name === 'endraw') {
      const name = `ferric_raw_${count++}`
      literals[name] = trimmed(text.slice(open.end, tag.start), open.after, tag.before)
      parts.push(text.slice(at, open.start), placeholder(name, open.before, tag.after))
      at = tag.end
      open = null
    }
  }
  return { source: [...parts, text.slice(at)].join(''), literals }
}

function trimmed(content: string, left: string, right: string): string {
  const kept = left === '-' ? content.trimStart() : content
  return right === '-' ? kept.trimEnd() : kept
}

const placeholder = (name: string, before: string, after: string): string =>
  `{{${before === '-' ? '-' : ''} ${name} ${after === '-' ? '-' : ''}}}`
