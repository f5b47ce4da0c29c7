import type { Logger } from '../log/logger.js'
import { fatalErrors } from '../metrics.js'
import { exitCodes } from './exit-codes.js'

/**
 * Signals that end a server; the second one ends it at once. SIGUSR2 is upstream's
 * drain: the same with a longer deadline (`[DEFAULT] drain_shutdown_timeout`).
 */
const endings = ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const

const fatalKinds = ['unhandledRejection', 'uncaughtException'] as const

/**
 * SIGHUP ends a process on a terminal, because it means that the terminal is closed. Every other
 * process reads the configuration again (see reload.ts).
 */
export const onTerminal = (): boolean => process.stdin.isTTY

/** Why a server stops. */
export interface EndingCause {
  /** The signal, or the kind of error that no code handled. */
  readonly name: string
  readonly failed: boolean
}

export interface Ending {
  /** Resolves with the first cause. */
  readonly cause: Promise<EndingCause>
  /** Gives the signals back to Node. */
  release(): void
}

/**
 * Waits for a signal that ends the process, or for an error that no code handled. Such an error is
 * logged as fatal and counted, and the process then shuts down like after a signal, because its
 * state is not known any more and a service manager can start it again.
 * @param onImpatience runs at every further signal
 */
export function awaitEnding(log: Logger, onImpatience: (signal: string) => void): Ending {
  const { promise: cause, resolve } = deferred<EndingCause>()
  let signalled = false
  const onSignal = (name: string) => {
    if (signalled) onImpatience(name)
    signalled = true
    resolve({ name, failed: false })
  }
  const onFatal = (kind: string) => (error: unknown) => {
    process.exitCode = exitCodes.failed
    fatalErrors.inc({ kind })
    log.fatal({ error, kind }, 'an error that no code handled: the process shuts down')
    resolve({ name: kind, failed: true })
  }
  const signals = [...endings, ...(onTerminal() ? (['SIGHUP'] as const) : [])]
  const fatal = fatalKinds.map((kind) => ({ kind, listener: onFatal(kind) }))
  for (const name of signals) process.on(name, onSignal)
  for (const { kind, listener } of fatal) process.on(kind, listener)
  return {
    cause,
    release: () => {
      for (const name of signals) process.off(name, onSignal)
      for (const { kind, listener } of fatal) process.off(kind, listener)
    },
  }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
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
