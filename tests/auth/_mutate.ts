/** Seeded nonsense: the same every time, so that a failure can be seen again. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** 0 up to but not including `below` (mulberry32). */
  next(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

type Change = (text: string, dice: Dice) => string

const insert = (text: string, at: number, more: string) => text.slice(0, at) + more + text.slice(at)

const changes: readonly Change[] = [
  (t, d) => t.slice(0, d.next(t.length + 1)),
  (t, d) => t.slice(d.next(t.length + 1)),
  (t, d) => insert(t, d.next(t.length + 1), printable(d)),
  (t, d) => insert(t, d.next(t.length + 1), '\u00ff'),
  (t, d) => insert(t, d.next(t.length + 1), '\u0001'),
  (t, d) => replaceAt(t, d.next(t.length), printable(d)),
  (t, d) => replaceAt(t, d.next(t.length), ':'),
  (t, d) => replaceAt(t, d.next(t.length), '$'),
  (t) => t + t,
  (t) => t.split('').toReversed().join(''),
  (t) => t.toUpperCase(),
  (t) => t.replaceAll(/\s/g, ''),
  (t, d) => insert(t, d.next(t.length + 1), ' '.repeat(1 + d.next(4))),
  (t, d) => t + 'A'.repeat(d.next(5_000)),
  (_t, d) => Array.from({ length: d.next(80) }, () => printable(d)).join(''),
]

const printable = (dice: Dice) => String.fromCharCode(0x20 + dice.next(0x5f))
const replaceAt = (text: string, at: number, by: string) =>
  text.slice(0, at) + by + text.slice(at + 1)

/** The text, changed one to three times. */
export function mutate(text: string, dice: Dice): string {
  let changed = text
  for (let i = 1 + dice.next(3); i > 0; i--) {
    const change = changes[dice.next(changes.length)]
    if (change !== undefined) changed = change(changed, dice)
  }
  return changed
}
