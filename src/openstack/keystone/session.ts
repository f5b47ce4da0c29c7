/** A token of this service's own with its catalogue (Identity API v3), renewed when it ends. */
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.js'
import { maxTokenBytes } from './limits.js'
import { exchange } from '../../http.js'
import { KeystoneUnavailable } from './client.js'

export interface SessionOptions {
  readonly authUrl: string
  /** The `auth` object of `POST /v3/auth/tokens`. */
  readonly auth: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly clock: Clock
  readonly dispatcher?: Dispatcher
}

/** Selects a service in the catalogue. */
export interface EndpointQuery {
  readonly serviceType: string
  /** Best first. */
  readonly interfaces: readonly string[]
  readonly region: string | null
}

interface Endpoint {
  readonly interface: string
  readonly region?: string | null
  readonly region_id?: string | null
  readonly url: string
}
interface Catalogued {
  readonly type: string
  readonly endpoints: readonly Endpoint[]
}
interface Held {
  readonly token: string
  readonly expiresAt: number
  readonly catalog: readonly Catalogued[]
}

export interface KeystoneSession {
  /** @throws KeystoneUnavailable */
  token(signal: AbortSignal): Promise<string>
  /** Returns the URL of a service, null when the catalogue has none. @throws KeystoneUnavailable */
  endpoint(query: EndpointQuery, signal: AbortSignal): Promise<string | null>
  /** Drops a token that was refused, so that the next call gets a new one. */
  forget(): void
}

/** A token is renewed when it has less than this left. */
const marginMs = 30_000

export function createKeystoneSession(options: SessionOptions): KeystoneSession {
  let held: Held | null = null
  const current = async (signal: AbortSignal): Promise<Held> => {
    if (held === null || held.expiresAt - marginMs < options.clock.now().getTime()) {
      held = await obtain(options, signal)
    }
    return held
  }
  return {
    token: async (signal) => (await current(signal)).token,
    endpoint: async (query, signal) => find((await current(signal)).catalog, query),
    forget() {
      held = null
    },
  }
}

function find(catalog: readonly Catalogued[], query: EndpointQuery): string | null {
  const endpoints = catalog
    .filter(({ type }) => type === query.serviceType)
    .flatMap((service) => service.endpoints)
    .filter((one) => query.region === null || (one.region_id ?? one.region) === query.region)
  for (const name of query.interfaces) {
    const endpoint = endpoints.find((one) => one.interface === name)
    if (endpoint !== undefined) return endpoint.url
  }
  return null
}

async function obtain(options: SessionOptions, signal: AbortSignal): Promise<Held> {
  const base = options.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '')
  const { status, headers, body } = await post(options, `${base}/v3/auth/tokens`, signal)
  if (status !== 201) {
    throw new KeystoneUnavailable(`Keystone answered ${status} to this service's user`)
  }
  return heldFrom(headers['x-subject-token'], body.toString())
}

async function post(options: SessionOptions, url: string, signal: AbortSignal) {
  try {
    return await exchange(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: options.auth }),
      signal,
      timeoutMs: options.timeoutMs,
      maxBytes: maxTokenBytes,
      ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
    })
  } catch (cause) {
    signal.throwIfAborted()
    throw new KeystoneUnavailable('Keystone cannot be reached', { cause })
  }
}

function heldFrom(token: unknown, text: string): Held {
  const document = documentIn(text)?.token
  if (typeof token !== 'string' || document?.expires_at === undefined) {
    throw new KeystoneUnavailable('Keystone answered 201 without a valid token')
  }
  return { token, expiresAt: Date.parse(document.expires_at), catalog: document.catalog ?? [] }
}

interface TokenAnswer {
  readonly token?: { readonly expires_at?: string; readonly catalog?: Catalogued[] }
}

/** A proxy in front of Keystone may answer with a page. */
function documentIn(text: string): TokenAnswer | null {
  try {
    return JSON.parse(text) as TokenAnswer | null
  } catch {
    return null
  }
}
