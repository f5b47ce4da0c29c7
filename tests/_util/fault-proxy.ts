// An HTTP proxy that does harm on demand: what BMCs and the wires to them do by themselves.
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to a request instead of, or on the way to, its answer. */
export type Fault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: unknown
    }
  /** The request is passed on, and the connection cut before its answer. */
  | { readonly kind: 'cut after' }
  /** The connection is cut at once; nobody hears of the request. */
  | { readonly kind: 'cut before' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** The answer's body never ends. */
  | { readonly kind: 'drip' }

/** Says what to do with a request; undefined: pass it on. */
export type Rule = (method: string, path: string) => Fault | undefined

export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  /** Requests that reached the server behind, in order. */
  readonly passed: string[]
  /** All requests, in order. */
  readonly seen: string[]
  /** Sets the rule and forgets what was seen. */
  use(rule: Rule): void
}

/** Faults for the first requests that match, in turn; then none. */
export function first(match: RegExp, ...faults: Fault[]): Rule {
  const left = [...faults]
  return (method, path) => (match.test(`${method} ${path}`) ? left.shift() : undefined)
}

/** Starts a proxy in front of `target`. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  let rule: Rule = () => undefined
  const passed: string[] = []
  const seen: string[] = []
  const server = createServer((incoming, answer) => {
    const { method = '', url = '' } = incoming
    seen.push(`${method} ${url}`)
    void serve(incoming, answer, rule(method, url)).catch(() => incoming.socket.destroy())
  })
  async function serve(
    incoming: IncomingMessage,
    answer: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const body = Buffer.concat(await incoming.toArray())
    if (fault?.kind === 'cut before') return void incoming.socket.destroy()
    if (fault?.kind === 'answer') {
      answer.writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers })
      return void answer.end(JSON.stringify(fault.body ?? {}))
    }
    if (fault?.kind === 'drip') {
      answer.writeHead(200, { 'Content-Type': 'application/json' })
      answer.write('{')
      return
    }
    if (fault?.kind === 'slow') await sleep(fault.ms)
    passed.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    const result = await forward(target, incoming, body)
    if (fault?.kind === 'cut after') return void incoming.socket.destroy()
    answer.writeHead(result.status, result.headers)
    answer.end(result.body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    passed,
    seen,
    use(next) {
      rule = next
      passed.length = 0
      seen.length = 0
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Forwarded {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming
    const out = request(`${target}${incoming.url ?? ''}`, { method, headers }, (answer) => {
      answer.toArray().then(
        (parts) =>
          resolve({
            status: answer.statusCode ?? 502,
            headers: answer.headers,
            body: Buffer.concat(parts),
          }),
        reject,
      )
    })
    out.once('error', reject)
    out.end(body)
  })
}
