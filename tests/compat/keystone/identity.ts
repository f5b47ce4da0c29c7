// Keystone's Identity API v3 as far as the tests need it: projects, users, roles, tokens.
import { adminPassword } from './server.js'

/** Where a token counts. */
export type Scope = { project: { id: string } } | { system: { all: true } } | { unscoped: true }

export interface User {
  readonly name: string
  readonly id: string
  readonly password: string
}

type Reply = { status: number; token: string | null; body: Record<string, { id: string }> }

export class Identity {
  readonly #base: string
  #admin = ''

  constructor(url: string) {
    this.#base = `${url}/v3`
  }

  /** Takes a system-scoped token of `admin` for everything else. */
  async login(): Promise<void> {
    const admin = { name: 'admin', id: '', password: adminPassword }
    this.#admin = await this.token(admin, { system: { all: true } })
  }

  async token(user: User, scope: Scope): Promise<string> {
    const who = { name: user.name, password: user.password, domain: { id: 'default' } }
    const identity = { methods: ['password'], password: { user: who } }
    const scoped = 'unscoped' in scope ? {} : { scope }
    const reply = await this.#send('POST', '/auth/tokens', { auth: { identity, ...scoped } })
    if (reply.token === null) throw new Error(`no token for ${user.name}: ${reply.status}`)
    return reply.token
  }

  /** A credential of a user for programs, with one role of those the token has. */
  async applicationCredential(
    user: User,
    token: string,
    role: string,
  ): Promise<{ id: string; secret: string }> {
    const secret = `the-secret-of-${user.name}`
    const values = { name: `${role} of ${user.name}`, secret, roles: [{ name: role }] }
    const path = `/users/${user.id}/application_credentials`
    const headers = { 'X-Auth-Token': token }
    const { status, body } = await this.#send(
      'POST',
      path,
      { application_credential: values },
      headers,
    )
    const id = body['application_credential']?.id
    if (id === undefined) throw new Error(`application credential: ${status}`)
    return { id, secret }
  }

  async revoke(token: string): Promise<void> {
    await this.#send('DELETE', '/auth/tokens', undefined, { 'X-Subject-Token': token })
  }

  async project(name: string): Promise<string> {
    return this.#make('project', { name, domain_id: 'default' })
  }

  async user(name: string): Promise<User> {
    const password = `the-password-of-${name}`
    return {
      name,
      password,
      id: await this.#make('user', { name, password, domain_id: 'default' }),
    }
  }

  /** Gives a role on a project, or on `system`. */
  async grant(user: User, role: string, project: string): Promise<void> {
    const place = project === 'system' ? '/system' : `/projects/${project}`
    const id = await this.#role(role)
    const { status } = await this.#send('PUT', `${place}/users/${user.id}/roles/${id}`)
    if (status !== 204) throw new Error(`${role} for ${user.name}: ${status}`)
  }

  /** Puts a public endpoint of a service into the catalogue. */
  async offer(type: string, url: string): Promise<void> {
    const service = await this.#make('service', { type, name: type, enabled: true })
    const where = { service_id: service, interface: 'public', region_id: 'one', url }
    await this.#make('endpoint', where)
  }

  async #role(name: string): Promise<string> {
    const { body } = await this.#send('GET', `/roles?name=${name}`)
    const [found] = (body as unknown as { roles: { id: string }[] }).roles
    return found?.id ?? this.#make('role', { name })
  }

  async #make(kind: string, values: object): Promise<string> {
    const { status, body } = await this.#send('POST', `/${kind}s`, { [kind]: values })
    const id = body[kind]?.id
    if (id === undefined) throw new Error(`${kind}: ${status} ${JSON.stringify(body)}`)
    return id
  }

  async #send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: { 'X-Auth-Token': this.#admin, 'Content-Type': 'application/json', ...headers },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      token: answer.headers.get('X-Subject-Token'),
      body: text === '' ? {} : JSON.parse(text),
    }
  }
}
