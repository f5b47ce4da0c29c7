import { BmcError, ConnectionFailed, HttpFault } from './errors.js'

/** A service that asks for a longer pause than this is not waited for. */
const longestPauseMs = 30_000
/**
 * What services say that are busy with something else and have done nothing: Dell's iDRAC after an
 * earlier job (SYS518), HPE's iLO while it starts.
 */
const busy = [/SYS518/, /iLO[^]*InvalidOperationForSystemState/]

/**
 * Milliseconds to wait before a request is sent again; null: it is not.
 * Reading may always be repeated. A change is repeated when it cannot have been taken up: the
 * service was not reached, said when to come again, or that it is busy.
 */
export function waitBeforeRetry(error: unknown, method: string, intervalMs: number): number | null {
  if (!(error instanceof BmcError)) return null
  if (error instanceof ConnectionFailed) {
    return !error.lasting && (method === 'GET' || error.notSent) ? intervalMs : null
  }
  if (!(error instanceof HttpFault)) return null
  if (error.retryAfter !== null && (error.status === 503 || error.status === 429)) {
    const pause = error.retryAfter * 1000
    return pause > longestPauseMs ? null : pause
  }
  if (busy.some((phrase) => phrase.test(error.message)) && error.status >= 400) return intervalMs
  const fails = error.status >= 500 && error.status !== 501
  return fails && method === 'GET' ? intervalMs : null
}
