import type { Taken } from './lease-rows.js'

interface Asked {
  readonly bmc: string
  resolve(taken: Taken | null): void
  reject(error: unknown): void
}

type TakeMany = (bmcs: readonly string[]) => Promise<ReadonlyMap<string, Taken>>

/** What one statement asks for: a fleet's round of polls must not make one that takes long. */
const most = 200

/**
 * Takes the leases that are asked for while a statement is under way by the next one together: a
 * round over a thousand BMCs is some dozens of statements.
 */
export function groupTaker(takeMany: TakeMany): (bmc: string) => Promise<Taken | null> {
  let waiting: Asked[] = []
  let running = false
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await takeFor(now, takeMany)
    }
    running = false
  }
  return (bmc) =>
    new Promise((resolve, reject) => {
      waiting.push({ bmc, resolve, reject })
      if (running) return
      running = true
      // After this turn, in which others may ask too.
      setImmediate(() => void run())
    })
}

/** Never throws: whoever asked is told. */
async function takeFor(asked: readonly Asked[], takeMany: TakeMany): Promise<void> {
  try {
    const taken = await takeMany(asked.map(({ bmc }) => bmc))
    for (const one of asked) one.resolve(taken.get(one.bmc) ?? null)
  } catch (error) {
    for (const one of asked) one.reject(error)
  }
}
