/** Validates tokens by Keystone's Identity API v3 (`GET /v3/auth/tokens`), with a service token that it renews. */
import type { Dispatcher } from 'undici'
import { exchange } from '../../http.js'
import { maxTokenBytes } from './limits.js'

export interface KeystoneOptions {
  /** With or without `/v3`. */
  readonly authUrl: string
  /** The `auth` object of `POST /v3/auth/tokens`. */
  readonly auth: Readonly<Record<string, unknown>>
  /** For all attempts of one request together. */
  readonly timeoutMs: number
  readonly attempts: number
  readonly dispatcher?: Dispatcher
}

/** A token as Keystone describes it. */
export interface TokenDocument {
  readonly expires_at: string
  readonly user: { id: string; name: string; domain?: { id: string; name: string } }
  readonly project?: { id: string; name: string; domain?: { id: string; name: string } }
  readonly domain?: { id: string; name: string }
  readonly system?: { all?: boolean }
  readonly roles?: readonly { name: string }[]
  /** Absent means true. */
  readonly is_admin_project?: boolean
}

/** Keystone cannot be reached or fails. */
export class KeystoneUnavailable extends Error {
  /** No answer arrived, so another request at once would only wait again. */
  get silent(): boolean {
    return this.cause !== undefined && !(this.cause instanceof ServerFault)
  }
}

/** Keystone answered with a 5xx. */
class ServerFault extends Error {}

export interface KeystoneClient {
  /**
   * Validates a token.
   * @param allowExpired a service token came with it (fetching expired tokens)
   * @returns the token, or null when it is unknown or no longer valid
   * @throws KeystoneUnavailable
   */
  validate(token: string, allowExpired: boolean): Promise<TokenDocument | null>
}

export function createKeystoneClient(options: KeystoneOptions): KeystoneClient {
  const base = `${options.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3/auth/tokens`
  let own: Promise<string> | null = null
  const service = (): Promise<string> => {
    own ??= obtain(base, options).catch((e: unknown) => {
      own = null
      throw e
    })
    return own
  }
  const request = async (token: string, allowExpired: boolean): Promise<Reply> =>
    send(options, `${base}?nocatalog${allowExpired ? '&allow_expired=1' : ''}`, {
      method: 'GET',
      headers: { 'X-Auth-Token': await service(), 'X-Subject-Token': token },
    })
  return {
    async validate(token, allowExpired) {
      let reply = await request(token, allowExpired)
      if (reply.status === 401) {
        own = null
        reply = await request(token, allowExpired)
      }
      if (reply.status === 404) return null
      if (reply.status !== 200) throw new KeystoneUnavailable(`Keystone answered ${reply.status}`)
      return tokenOf(reply.body)
    },
  }
}

interface Reply {
  readonly status: number
  readonly subject: string | undefined
  readonly body: unknown
}

/** @throws KeystoneUnavailable when something other than Keystone answers */
function tokenOf(body: unknown): TokenDocument {
  const { token } = (body ?? {}) as { token?: Partial<TokenDocument> }
  if (typeof token?.user?.id !== 'string' || typeof token.expires_at !== 'string') {
    throw new KeystoneUnavailable('Keystone answered with something other than a token')
  }
  return token as TokenDocument
}

async function obtain(url: string, options: KeystoneOptions): Promise<string> {
  const reply = await send(options, url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: options.auth }),
  })
  if (reply.status !== 201 || reply.subject === undefined) {
    throw new KeystoneUnavailable(`Keystone answered ${reply.status} to this service's own user`)
  }
  return reply.subject
}

interface Outgoing {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
}

/** Repeats a request that got no answer or a 5xx. All attempts share one deadline. */
async function send(options: KeystoneOptions, url: string, outgoing: Outgoing): Promise<Reply> {
  const signal = AbortSignal.timeout(options.timeoutMs)
  let failure: unknown
  for (let attempt = 0; attempt <= options.attempts && !signal.aborted; attempt++) {
    try {
      const reply = await sendOnce(options, url, outgoing, signal)
      if (reply.status < 500) return reply
      failure = new ServerFault(`Keystone answered ${reply.status}`)
    } catch (e) {
      failure = e
    }
  }
  throw new KeystoneUnavailable('Keystone cannot be reached', { cause: failure })
}

async function sendOnce(
  options: KeystoneOptions,
  url: string,
  out: Outgoing,
  signal: AbortSignal,
): Promise<Reply> {
  const { timeoutMs, dispatcher } = options
  const connection = dispatcher === undefined ? {} : { dispatcher }
  const answer = await exchange(url, {
    ...out,
    ...connection,
    signal,
    timeoutMs,
    maxBytes: maxTokenBytes,
  })
  const { status, headers, body } = answer
  return {
    status,
    subject: [headers['x-subject-token']].flat()[0],
    body: status < 300 ? (JSON.parse(body.toString()) as unknown) : null,
  }
}
