// What a person watching the rack sees: one line per thing that happens, with the seconds since the start.
const began = performance.now()

/** Seconds since the program began. */
export const elapsed = (): number => (performance.now() - began) / 1000

/** Prints one line about `who`. */
export function say(who: string, what: string): void {
  process.stdout.write(`${elapsed().toFixed(1).padStart(7)}  ${who.padEnd(9)}  ${what}\n`)
}
