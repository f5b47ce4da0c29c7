/** A regular expression that Python would not compile; the text is Python's. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
  constructor(what: string, position: number) {
    super(`${what} at position ${position}`)
  }
}

/** A look-behind over something that can be of more than one length. */
export class VariableWidth extends Error {
  override readonly name = 'VariableWidth'
  constructor() {
    super('look-behind requires fixed-width pattern')
  }
}

/** Reads a pattern from left to right; positions count code points, as Python's do. */
export class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get position(): number {
    return Array.from(this.#text.slice(0, this.#at)).length
  }

  get ended(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next character without taking it; empty at the end. */
  get ahead(): string {
    return String.fromCodePoint(
      ...[this.#text.codePointAt(this.#at)].filter((c) => c !== undefined),
    )
  }

  /** Takes the next character; empty at the end. */
  next(): string {
    const character = this.ahead
    this.#at += character.length
    return character
  }

  /** Takes what a sticky expression matches here; empty when it does not. */
  take(expression: RegExp): string {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}
