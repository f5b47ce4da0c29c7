/** One request to an agent: TLS, deadlines and a bound on the answer. */
import type { Agent, Dispatcher } from 'undici'
import { BodyTooLarge, exchange, httpAgent } from '../../http.js'
import { AgentNonsense, AgentUnreachable } from './errors.js'

export interface AgentTls {
  /** False accepts every certificate. */
  readonly verify: boolean
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: string
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** In OpenSSL's form. */
  readonly ciphers?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Room for the logs of a ramdisk, base64 and all. */
const maxBytes = 256 * 1024 * 1024

/**
 * Returns connections that serve one request each. Ramdisks come and go, and a lost idle connection is noticed
 * only by what is sent into it. The certificate must name the host of the URL.
 */
export function agentDispatcher(tls: AgentTls, timeoutMs: number): Agent {
  return httpAgent({
    pipelining: 0,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      rejectUnauthorized: tls.verify,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
      ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
    },
  })
}

export interface AgentRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly body?: string
  /** For the whole exchange. */
  readonly timeoutMs: number
}

/**
 * Sends one request.
 * @throws AgentUnreachable when no whole answer arrived in time; AgentNonsense when the answer is too large; the reason
 *   of `signal` when that was aborted
 */
export async function sendToAgent(
  dispatcher: Dispatcher,
  { url, ...request }: AgentRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  try {
    const answer = await exchange(url, { ...request, dispatcher, signal, headers, maxBytes })
    return { status: answer.status, text: answer.body.toString() }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BodyTooLarge)
      throw new AgentNonsense(`${error.message}.`, { cause: error })
    const late = (error as Error).name === 'TimeoutError'
    throw new AgentUnreachable(late ? 'No answer in time.' : reason(error), { cause: error })
  }
}

/** A connection that failed to several addresses has several errors and no text of its own. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  return error instanceof Error ? error.message || error.name : String(error)
}
