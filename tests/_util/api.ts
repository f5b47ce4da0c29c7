import { fileURLToPath } from 'node:url'
import { createApi, type ApiOptions } from '../../src/api/app.js'
import { compileContract, readDocuments } from '../../src/api/contract/load.js'
import type { AppContext } from '../../src/context.js'

export const contract = compileContract(
  readDocuments(fileURLToPath(new URL('../../openapi', import.meta.url))),
)

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or null when there is no body. */
  readonly body: Record<string, unknown> | null
  /** The faultstring of an error body, or its description. */
  readonly fault: string | undefined
}

export interface Sent {
  readonly version?: string
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Record<string, string>
}
export type ApiClient = (method: string, path: string, sent?: Sent) => Promise<Reply>
type Ask = (url: string, init: RequestInit) => Response | Promise<Response>

/** Sends requests to the application without a socket. */
export function apiClient(ctx: AppContext, api: ApiOptions = {}): ApiClient {
  const app = createApi(ctx, contract, api)
  return client('http://ferric.test', (url, init) => app.request(url, init))
}

/** Sends requests to a server that listens. */
export const httpClient = (url: string): ApiClient => client(url, fetch)

function client(origin: string, ask: Ask): ApiClient {
  return async (method, path, sent = {}) => {
    const headers: Record<string, string> = { ...sent.headers }
    if (sent.version !== undefined) headers['X-OpenStack-Ironic-API-Version'] = sent.version
    const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body))
    if (text !== undefined) headers['Content-Type'] ??= 'application/json'
    const response = await ask(`${origin}${path}`, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    const body = answer === '' ? null : (JSON.parse(answer) as Record<string, unknown>)
    return { status: response.status, headers: response.headers, body, fault: faultOf(body) }
  }
}

function faultOf(body: Record<string, unknown> | null): string | undefined {
  const message = body?.['error_message']
  if (typeof message !== 'string') return undefined
  const inner = JSON.parse(message) as { faultstring?: string; description?: string }
  return inner.faultstring ?? inner.description
}
