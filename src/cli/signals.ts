/**
 * Signals that end a server; the second one does not wait for anything. SIGUSR2 is upstream's
 * drain: the same with a longer deadline (`[DEFAULT] drain_shutdown_timeout`).
 */
const endings = ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const

/**
 * SIGHUP to a process on a terminal says that the terminal is gone, which ends it; to any other it
 * says to read the configuration again (see reload.ts).
 */
export const onTerminal = (): boolean => process.stdin.isTTY

export interface Ending {
  /** Resolves with the first signal's name. */
  readonly asked: Promise<string>
  /** Gives the signals back to Node. */
  release(): void
}

/**
 * Waits for the process to be asked to end.
 * @param onImpatience runs at every further signal
 */
export function awaitEnding(onImpatience: (signal: string) => void): Ending {
  let first: ((signal: string) => void) | undefined
  const asked = new Promise<string>((resolve) => {
    first = resolve
  })
  let count = 0
  const onSignal = (signal: string) => {
    count++
    if (count === 1) first?.(signal)
    else onImpatience(signal)
  }
  const signals = [...endings, ...(onTerminal() ? (['SIGHUP'] as const) : [])]
  for (const name of signals) process.on(name, onSignal)
  return {
    asked,
    release: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}

/**
 * Waits for `work`, but no longer than `ms`.
 * @returns whether it ended in time
 */
export async function inTime(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
