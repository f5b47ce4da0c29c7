/**
 * Values as Python's `repr` prints them: upstream's error texts carry them and clients match
 * on those texts.
 */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return reprString(value)
  if (typeof value === 'number') return reprNumber(value)
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([k, v]) => `${pythonRepr(k)}: ${pythonRepr(v)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value) ?? 'None'
}

/** As Python's `str`: strings bare, everything else as `repr`. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

function reprNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) >= 1e16) return BigInt(value).toString()
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function reprString(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  let out = ''
  for (const ch of value) {
    if (ch === quote) out += `\\${ch}`
    else out += escapes[ch] ?? printable(ch)
  }
  return quote + out + quote
}

function printable(ch: string): string {
  const code = ch.codePointAt(0) ?? 0
  if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0xad) {
    return `\\x${code.toString(16).padStart(2, '0')}`
  }
  if (code >= 0xd800 && code <= 0xdfff) return `\\u${code.toString(16)}`
  return ch
}
