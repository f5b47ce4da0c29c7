// The REST API over a socket, for suites that need no client library between them and the server.

/** Status and parsed body (null when there is none). */
export type Answer<T = Record<string, unknown>> = { status: number; body: T }

/** Sends JSON and reads JSON at the newest microversion both sides know. */
export class Rest {
  readonly #base: string
  readonly #headers: Record<string, string>

  /** `more` headers go with every request: a token, say. */
  constructor(url: string, version = '1.82', more: Record<string, string> = {}) {
    this.#base = `${url}/v1`
    this.#headers = {
      'X-OpenStack-Ironic-API-Version': version,
      Accept: 'application/json',
      ...more,
    }
  }

  /** One request with a deadline of 30 seconds; throws only when no answer comes. */
  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: { ...this.#headers, ...json },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
  }

  /** The same, but any answer of 400 or more is an error. */
  async must<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<T> {
    const answer = await this.send<T>(method, path, body)
    if (answer.status < 400) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
}

/** Runs `work` over the items, `width` at a time; results keep the order of the items. */
export async function pooled<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
