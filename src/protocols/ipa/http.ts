/** One request to an agent: TLS, deadlines and a bound on the answer. */
import { request, type Agent, type Dispatcher } from 'undici'
import { BodyTooLarge, httpAgent, readBounded } from '../../http.js'
import { AgentNonsense, AgentUnreachable } from './errors.js'

export interface AgentTls {
  /** False: whoever answers is believed. */
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
 * A connection of its own per request: ramdisks come and go, and an idle one that went is noticed
 * only by what is sent into it. As with any client, the certificate must name the host of the URL.
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

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly body?: string
}

/**
 * Sends one request.
 * @throws AgentUnreachable when no whole answer came; AgentNonsense when it never ends; the reason
 *   of `signal` when that was aborted
 */
export async function ask(
  dispatcher: Dispatcher,
  { method, url, body }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const answer = await request(url, {
      method,
      dispatcher,
      signal,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    const bytes = await readBounded(answer.body, maxBytes)
    return { status: answer.statusCode, text: bytes.toString() }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BodyTooLarge)
      throw new AgentNonsense(`${error.message}.`, { cause: error })
    throw new AgentUnreachable(reason(error), { cause: error })
  }
}

/** Several addresses tried give several errors in one without a text. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  return error instanceof Error ? error.message || error.name : String(error)
}
