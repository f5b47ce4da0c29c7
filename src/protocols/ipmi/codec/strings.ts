/**
 * Strings with a type and length in front (IPMI 2.0, 43.15; FRU Information Storage, 13): bits 7
 * and 6 say how it is written, the others how many bytes it takes.
 */
export interface TypedString {
  readonly text: string
  /** Bytes it took, the one in front included. */
  readonly size: number
}

const bcdPlus = '0123456789 -.:,_'
/** The type and length that ends a list of fields. */
export const endOfFields = 0xc1

/**
 * @param unicode type 0 is UCS-2 (sensor names) or bytes shown in hex (FRU)
 * @returns undefined when the bytes end before the string does
 */
export function typedString(bytes: Buffer, at: number, unicode: boolean): TypedString | undefined {
  const head = bytes[at]
  if (head === undefined) return undefined
  const length = head & (unicode ? 0x1f : 0x3f)
  const raw = bytes.subarray(at + 1, at + 1 + length)
  if (raw.length < length) return undefined
  return { text: decode(head >> 6, raw, unicode), size: length + 1 }
}

function decode(type: number, raw: Buffer, unicode: boolean): string {
  if (type === 3) return raw.toString('latin1').replace(/\0.*$/s, '')
  if (type === 2) return sixBit(raw)
  if (type === 1) return [...raw].map((b) => bcd(b >> 4) + bcd(b & 15)).join('')
  return unicode ? raw.subarray(0, raw.length & ~1).toString('utf16le') : raw.toString('hex')
}

const bcd = (nibble: number): string => bcdPlus[nibble] ?? ''

/** Four characters in three bytes, the first in the lowest bits. */
function sixBit(raw: Buffer): string {
  let text = ''
  for (let at = 0; at < raw.length; at += 3) {
    const group = (raw[at] ?? 0) | ((raw[at + 1] ?? 0) << 8) | ((raw[at + 2] ?? 0) << 16)
    const count = Math.min(4, Math.floor(((raw.length - at) * 8) / 6))
    for (let i = 0; i < count; i += 1) {
      text += String.fromCodePoint(0x20 + ((group >> (6 * i)) & 0x3f))
    }
  }
  return text.trimEnd()
}
