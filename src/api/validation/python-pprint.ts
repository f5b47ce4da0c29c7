/**
 * Values as Python's `pprint.pformat(…, width=72)` prints them: the long form of a schema error
 * carries them. Follows the standard library's layout rules (`pprint.py`).
 */
import { isObject } from './json-schema.js'
import { pyRepr } from './python-repr.js'

const pageWidth = 72

/** Lines without a newline at the end; keys are sorted. */
export function pyFormat(value: unknown): string {
  return format(sortKeys(value), 0, 0, 1)
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((k) => [k, sortKeys(value[k])]))
}

/**
 * @param indent columns taken on the left
 * @param allowance columns that must stay free on the right of the last line
 */
function format(value: unknown, indent: number, allowance: number, level: number): string {
  const flat = pyRepr(value)
  if (flat.length <= pageWidth - indent - allowance) return flat
  if (Array.isArray(value)) return formatList(value, indent, allowance, level)
  if (isObject(value)) return formatDict(value, indent, allowance, level)
  return typeof value === 'string' ? formatText(value, indent, allowance, level) : flat
}

function formatDict(
  value: Readonly<Record<string, unknown>>,
  indent: number,
  allowance: number,
  level: number,
): string {
  const entries = Object.entries(value)
  const items = entries.map(([key, item], i) => {
    const name = pyRepr(key)
    const free = i === entries.length - 1 ? allowance + 1 : 1
    return `${name}: ${format(item, indent + 1 + name.length + 2, free, level + 1)}`
  })
  return `{${items.join(separator(indent))}}`
}

function formatList(
  value: readonly unknown[],
  indent: number,
  allowance: number,
  level: number,
): string {
  const items = value.map((item, i) =>
    format(item, indent + 1, i === value.length - 1 ? allowance + 1 : 1, level + 1),
  )
  return `[${items.join(separator(indent))}]`
}

const separator = (indent: number): string => `,\n${' '.repeat(indent + 1)}`

/** Long texts become several literals, broken after blanks. */
function formatText(text: string, indent: number, allowance: number, level: number): string {
  const outer = level === 1
  const left = outer ? indent + 1 : indent
  const right = outer ? allowance + 1 : allowance
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const chunks = lines.flatMap((line, i) =>
    breakLine(line, pageWidth - left, i === lines.length - 1 ? right : 0),
  )
  if (chunks.length <= 1) return pyRepr(text)
  const joined = chunks.join(`\n${' '.repeat(left)}`)
  return outer ? `(${joined})` : joined
}

function breakLine(line: string, width: number, allowance: number): string[] {
  if (pyRepr(line).length <= width - allowance) return [pyRepr(line)]
  const parts = line.match(/\S*\s+|\S+$/g) ?? []
  const chunks: string[] = []
  let current = ''
  for (const [i, part] of parts.entries()) {
    const room = i === parts.length - 1 ? width - allowance : width
    if (pyRepr(current + part).length <= room) {
      current += part
      continue
    }
    if (current !== '') chunks.push(pyRepr(current))
    current = part
  }
  return current === '' ? chunks : [...chunks, pyRepr(current)]
}
