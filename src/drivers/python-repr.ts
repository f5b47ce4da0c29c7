/**
 * A JSON value as Python's `repr` prints it: upstream's texts quote values in this form.
 * @param value anything that came from JSON
 */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return reprString(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value === 'object') {
    const items = Object.entries(value).map(([k, v]) => `${reprString(k)}: ${pythonRepr(v)}`)
    return `{${items.join(', ')}}`
  }
  return JSON.stringify(value)
}

/** A value as Python's `str` prints it: strings bare, the rest as `repr`. */
export const pythonStr = (value: unknown): string =>
  typeof value === 'string' ? value : pythonRepr(value)

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function reprString(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  const body = Array.from(value, (c) => escapes[c] ?? (c === quote ? `\\${c}` : printable(c)))
  return `${quote}${body.join('')}${quote}`
}

function printable(char: string): string {
  const code = char.codePointAt(0) ?? 0
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : char
}
