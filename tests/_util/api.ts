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

/** Sends requests to the application without a socket. */
export function apiClient(ctx: AppContext, api: ApiOptions = {}) {
  const app = createApi(ctx, contract, api)
  return async (
    method: string,
    path: string,
    sent: {
      version?: string
      body?: unknown
      raw?: string
      headers?: Record<string, string>
    } = {},
  ): Promise<Reply> => {
    const headers: Record<string, string> = { ...sent.headers }
    if (sent.version !== undefined) headers['X-OpenStack-Ironic-API-Version'] = sent.version
    const text = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body))
    if (text !== undefined) headers['Content-Type'] ??= 'application/json'
    const response = await app.request(`http://ferric.test${path}`, {
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
