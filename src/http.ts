/** What every outgoing HTTP request shares: one kind of connection, and bodies of bounded size. */
import { Agent } from 'undici'

/**
 * Returns a pool of connections. They speak HTTP/1.1 only, as the clients of Ironic do: what answers here are BMCs,
 * ramdisks and small web servers, and some of them offer HTTP/2 by ALPN without serving it well.
 */
export const httpAgent = (options: Agent.Options = {}): Agent =>
  new Agent({ ...options, allowH2: false })

/** The connections of clients that have no options of their own. */
export const plainAgent: Agent = httpAgent()

/** A peer sent more than a request of this kind may cost. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes`)
  }
}

/**
 * Reads a body to its end.
 * @param body the body of an answer; it is destroyed when this throws
 * @param maxBytes the most that it may hold
 * @throws BodyTooLarge, or what the connection fails with
 */
export async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > maxBytes) throw new BodyTooLarge(maxBytes)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
