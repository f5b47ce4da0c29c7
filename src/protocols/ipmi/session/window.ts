/**
 * Which packets of a session are new (IPMI 2.0, 6.12.13): numbers may come out of order within a
 * window, but none twice.
 */
export class SequenceWindow {
  #highest = 0
  /** Bit n: highest - n was seen. */
  #seen = 0
  static readonly size = 32

  /** Takes a number down. @returns whether it is new */
  accept(sequence: number): boolean {
    // Zero marks packets that carry no number.
    if (sequence === 0) return true
    const ahead = (sequence - this.#highest) | 0
    if (this.#highest === 0 || ahead > 0) return this.#advance(sequence, ahead)
    const behind = -ahead
    if (behind >= SequenceWindow.size) return false
    const bit = (1 << behind) >>> 0
    if ((this.#seen & bit) !== 0) return false
    this.#seen = (this.#seen | bit) >>> 0
    return true
  }

  #advance(sequence: number, ahead: number): boolean {
    const shifted = ahead >= SequenceWindow.size || ahead <= 0 ? 0 : this.#seen << ahead
    this.#seen = (shifted | 1) >>> 0
    this.#highest = sequence
    return true
  }
}
