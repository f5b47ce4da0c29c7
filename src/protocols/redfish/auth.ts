import { AccessDenied, BmcError, ConnectionFailed } from './errors.js'
import { asObject, linkOf } from './json.js'
import { pathOf, withoutSlash } from './paths.js'
import type { RawAnswer } from './transport.js'

export type AuthType = 'basic' | 'session' | 'auto'
export interface Credentials {
  readonly username: string | null
  readonly password: string | null
  readonly authType: AuthType
}
/** A request as authentication makes it: it throws faults, and knows nothing of logging in. */
export type PlainSend = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
) => Promise<RawAnswer>

/**
 * How requests show who we are: a session's token, or Basic. `auto` tries a session first; a
 * service that has no sessions, or refuses the first, gets Basic (DSP0266, 13.3).
 */
export class Authenticator {
  readonly #credentials: Credentials
  #session: { token: string; path: string | null } | null = null
  #hadSession = false
  #basic: boolean
  #pending: Promise<void> | null = null

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    this.#basic = credentials.authType === 'basic'
  }

  /** The headers of a request, after logging in if that is still to be done. */
  async headers(root: unknown, rootPath: string, send: PlainSend): Promise<Record<string, string>> {
    if (this.#credentials.username === null) return {}
    if (this.#basic) return this.basic()
    if (this.#session === null) await this.#logIn(root, rootPath, send)
    return this.#session === null ? this.basic() : { 'X-Auth-Token': this.#session.token }
  }

  /** Basic credentials: also for a service root that is not public. */
  basic(): Record<string, string> {
    const { username, password } = this.#credentials
    if (username === null) return {}
    const pair = Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64')
    return { Authorization: `Basic ${pair}` }
  }

  /** The service refused what `used` said. @returns whether logging in anew may help */
  refused(used: Readonly<Record<string, string>>): boolean {
    const token = used['X-Auth-Token']
    if (token === undefined) return false
    // Another request may have logged in meanwhile.
    if (this.#session?.token === token) this.#session = null
    return true
  }

  /** Ends the session at the service. */
  async close(send: PlainSend): Promise<void> {
    const session = this.#session
    this.#session = null
    if (session === null || session.path === null) return
    await send('DELETE', session.path, { 'X-Auth-Token': session.token })
  }

  async #logIn(root: unknown, rootPath: string, send: PlainSend): Promise<void> {
    this.#pending ??= this.#open(root, rootPath, send).finally(() => {
      this.#pending = null
    })
    await this.#pending
  }

  async #open(root: unknown, rootPath: string, send: PlainSend): Promise<void> {
    try {
      this.#session = await this.#create(sessionsPath(root, rootPath), send)
      this.#hadSession = true
    } catch (error) {
      if (!this.#mayFallBack(error)) throw error
      this.#basic = true
    }
  }

  #mayFallBack(error: unknown): boolean {
    if (this.#credentials.authType !== 'auto' || !(error instanceof BmcError)) return false
    if (error instanceof ConnectionFailed) return false
    return !(error instanceof AccessDenied && this.#hadSession)
  }

  async #create(path: string, send: PlainSend): Promise<{ token: string; path: string | null }> {
    const { username, password } = this.#credentials
    const answer = await send('POST', path, {}, { UserName: username, Password: password ?? '' })
    const token = answer.headers['x-auth-token']
    if (token === undefined) {
      throw new BmcError(
        'No X-Auth-Token returned from remote host when attempting to establish a session.',
      )
    }
    const location = answer.headers['location'] ?? linkOf(answer.json)
    return { token, path: location === null ? null : pathOf(location) }
  }
}

/** Where sessions are made: as the root says, or where they usually are. */
function sessionsPath(root: unknown, rootPath: string): string {
  const known = linkOf(asObject(asObject(root)['Links'])['Sessions'])
  return known ?? `${withoutSlash(rootPath)}/SessionService/Sessions`
}
