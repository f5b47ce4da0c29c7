/** Neutron's API v2.0, as much as bare metal needs. */
import { errorText } from '../../error-text.js'
import { exchange } from '../../http.js'
import type { OpenstackService } from '../keystone/service.js'
import type {
  NeutronNetwork,
  NeutronPort,
  NeutronSegment,
  NeutronSubnet,
  PortChanges,
} from './types.js'

/** Neutron cannot be reached, fails, or refuses a request; the text is its own where it sent one. */
export class NeutronError extends Error {
  override readonly name = 'NeutronError'
  /** Null when there was no answer. */
  readonly status: number | null
  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
  }
}

/** Names and values of a query; several values of a name mean any of them. */
export type NeutronQuery = Readonly<Record<string, string | readonly string[]>>

/** Every method rejects with NeutronError, whose status is 404 for a missing resource. */
export interface NeutronClient {
  port(id: string, signal: AbortSignal): Promise<NeutronPort>
  ports(query: NeutronQuery, signal: AbortSignal): Promise<readonly NeutronPort[]>
  createPort(port: PortChanges, signal: AbortSignal): Promise<NeutronPort>
  updatePort(id: string, port: PortChanges, signal: AbortSignal): Promise<NeutronPort>
  deletePort(id: string, signal: AbortSignal): Promise<void>
  networks(query: NeutronQuery, signal: AbortSignal): Promise<readonly NeutronNetwork[]>
  subnet(id: string, signal: AbortSignal): Promise<NeutronSubnet>
  segment(id: string, signal: AbortSignal): Promise<NeutronSegment>
  /** Returns the ids among these that exist. */
  securityGroups(ids: readonly string[], signal: AbortSignal): Promise<readonly string[]>
}

export interface NeutronOptions {
  readonly service: OpenstackService
  /** Of one request. */
  readonly timeoutMs: number
  /** How often a GET is repeated that got no answer or a 5xx. Changes are sent once. */
  readonly retries: number
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
interface Call {
  readonly method: Method
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

export function createNeutronClient(options: NeutronOptions): NeutronClient {
  const send = <T>(call: Call) => answered(options, call) as Promise<T>
  const one = async <T>(key: string, call: Call): Promise<T> => {
    const body = await send<Partial<Record<string, T>> | undefined>(call)
    const value = body?.[key]
    if (value === undefined) throw new NeutronError(`Neutron answered without ${key}`, null)
    return value
  }
  const get = (path: string, signal: AbortSignal): Call => ({ method: 'GET', path, signal })
  const at = (kind: string, id: string) => `/v2.0/${kind}/${encodeURIComponent(id)}`
  const list = (kind: string, query: NeutronQuery) => `/v2.0/${kind}?${searchOf(query)}`
  return {
    port: (id, signal) => one('port', get(at('ports', id), signal)),
    ports: (query, signal) => one('ports', get(list('ports', query), signal)),
    createPort: (port, signal) =>
      one('port', { method: 'POST', path: '/v2.0/ports', body: { port }, signal }),
    updatePort: (id, port, signal) =>
      one('port', { method: 'PUT', path: at('ports', id), body: { port }, signal }),
    deletePort: (id, signal) => send({ method: 'DELETE', path: at('ports', id), signal }),
    networks: (query, signal) => one('networks', get(list('networks', query), signal)),
    subnet: (id, signal) => one('subnet', get(at('subnets', id), signal)),
    segment: (id, signal) => one('segment', get(at('segments', id), signal)),
    async securityGroups(ids, signal) {
      const path = list('security-groups', { id: ids, fields: 'id' })
      const groups = await one<{ id: string }[]>('security_groups', get(path, signal))
      return groups.map(({ id }) => id)
    },
  }
}

function searchOf(query: NeutronQuery): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return new URLSearchParams(pairs).toString()
}

/** Repeats a request once after a 401 for an expired token, and a GET also when it got no answer or a 5xx. */
async function answered(options: NeutronOptions, call: Call): Promise<unknown> {
  let renewed = options.service.token === null
  for (let left = call.method === 'GET' ? options.retries : 0; ;) {
    try {
      return await once(options, call)
    } catch (error) {
      call.signal.throwIfAborted()
      if (!(error instanceof NeutronError)) throw error
      if (error.status === 401 && !renewed) {
        renewed = true
        options.service.forgetToken()
      } else if (left-- <= 0 || (error.status !== null && error.status < 500)) throw error
    }
  }
}

/** Room for the ports of a network with tens of thousands of them. */
const maxBytes = 64 * 1024 * 1024

async function once({ service, timeoutMs }: NeutronOptions, call: Call): Promise<unknown> {
  const { base, token } = await access(service, call.signal)
  const url = base.replace(/\/+$/, '').replace(/\/v2\.0$/, '') + call.path
  try {
    const { status, body } = await exchange(url, {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { 'x-auth-token': token }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: call.signal,
      timeoutMs,
      maxBytes,
      dispatcher: service.dispatcher,
    })
    return read(status, body.toString())
  } catch (cause) {
    if (cause instanceof NeutronError) throw cause
    throw new NeutronError(`Neutron at ${base} cannot be reached`, null, cause)
  }
}

async function access(service: OpenstackService, signal: AbortSignal) {
  try {
    const base = await service.endpoint(signal)
    if (base !== null) return { base, token: await service.token?.(signal) }
  } catch (cause) {
    signal.throwIfAborted()
    throw new NeutronError(errorText(cause), null, cause)
  }
  const hint = 'set [neutron] auth_url with credentials, or endpoint_override'
  throw new NeutronError(`no endpoint of Neutron is known: ${hint}`, null)
}

function read(status: number, text: string): unknown {
  const body = parsed(text)
  if (status >= 200 && status < 300) return body
  const fault = (body as { NeutronError?: { message?: unknown } } | undefined)?.NeutronError
  const message = typeof fault?.message === 'string' ? fault.message : `Neutron answered ${status}`
  throw new NeutronError(message, status)
}

/** Returns undefined for what is not JSON, because proxies in front of Neutron answer with pages. */
function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
