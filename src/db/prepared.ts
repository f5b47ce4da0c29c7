/**
 * Which statements are prepared. One that is not costs PostgreSQL a parse and a plan and us a second
 * round trip each time; one that is stays in every connection's memory for good, on both sides. So
 * only texts that come again are, and not more than a fixed number of them.
 */

const preparedFrom = 3
const mostPrepared = 256
/** Texts that came too seldom so far; beyond it they are counted anew. */
const mostCounted = 2_048

export class PreparedTexts {
  readonly #prepared = new Set<string>()
  #counts = new Map<string, number>()

  /** Counts a statement that is about to run. @returns whether to prepare it */
  prepares(text: string): boolean {
    if (this.#prepared.has(text)) return true
    if (this.#prepared.size >= mostPrepared) return false
    const count = (this.#counts.get(text) ?? 0) + 1
    if (count < preparedFrom) this.#count(text, count)
    else this.#prepare(text)
    return count >= preparedFrom
  }

  #count(text: string, count: number): void {
    if (this.#counts.size >= mostCounted) this.#counts = new Map()
    this.#counts.set(text, count)
  }

  #prepare(text: string): void {
    this.#counts.delete(text)
    this.#prepared.add(text)
    if (this.#prepared.size >= mostPrepared) this.#counts = new Map()
  }
}
