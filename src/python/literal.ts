/** Reads what Python's `repr` writes of plain data: the way from a text back to an object. */

/** @throws SyntaxError when the text is no literal */
export function pythonLiteral(text: string): unknown {
  const reader = new Reader(text)
  const value = reader.value()
  if (reader.ended) return value
  throw malformed()
}

/** Keys of JSON are texts, so that nothing but what can be written as one is a key. */
const isKey = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)

const malformed = () => new SyntaxError('malformed node or string')

const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null }
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\n': '' }

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.trim()
  }

  get ended(): boolean {
    return this.#at === this.#text.length
  }

  /** Takes what a sticky expression matches here; empty when it does not. */
  take(expression: RegExp): string {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  value(): unknown {
    this.take(/\s*/y)
    const word = this.take(/True|False|None/y)
    if (word !== '') return constants[word]
    const number = this.take(/[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y)
    if (number !== '') return Number(number)
    const opening = this.take(/[[({'"]/y)
    if (opening === '{') return Object.fromEntries(this.#items('}', () => this.#member()))
    if (opening === '[') return this.#items(']', () => this.value())
    if (opening === '(') return this.#items(')', () => this.value())
    if (opening !== '') return this.#string(opening)
    throw malformed()
  }

  #items<T>(end: string, read: () => T): T[] {
    const items: T[] = []
    while (!this.#takes(end)) {
      items.push(read())
      if (!this.#takes(',') && !this.#ahead(end)) throw malformed()
    }
    return items
  }

  #member(): [string, unknown] {
    const key = this.value()
    if (!this.#takes(':') || !isKey(key)) throw malformed()
    return [String(key), this.value()]
  }

  #ahead(character: string): boolean {
    this.take(/\s*/y)
    return this.#text[this.#at] === character
  }

  #takes(character: string): boolean {
    const there = this.#ahead(character)
    if (there) this.#at += 1
    return there
  }

  #string(quote: string): string {
    let out = ''
    for (;;) {
      out += this.take(/[^\\'"\n]+/y)
      const c = this.take(/[\\'"]/y)
      if (c === quote) return out
      if (c === '') throw malformed()
      out += c === '\\' ? this.#escaped() : c
    }
  }

  #escaped(): string {
    const code = this.take(/x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}/iy)
    if (code !== '') return String.fromCodePoint(parseInt(code.slice(1), 16))
    const letter = this.take(/[^]/y)
    return escapes[letter] ?? (/['"\\]/.test(letter) ? letter : `\\${letter}`)
  }
}
