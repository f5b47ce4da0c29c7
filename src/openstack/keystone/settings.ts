import { readFileSync } from 'node:fs'
import type { Agent } from 'undici'
import { ConfigError } from '../../config/errors.js'
import type { Config } from '../../config/index.js'
import { httpAgent, plainAgent } from '../../http.js'
import type { KeystoneOptions } from './client.js'

type Settings = Config['keystone_authtoken']
/** What a service says of itself, in whatever group of options. */
export type Credentials = Pick<
  Settings,
  | 'auth_type'
  | 'username'
  | 'password'
  | 'user_id'
  | 'user_domain_name'
  | 'user_domain_id'
  | 'project_name'
  | 'project_id'
  | 'project_domain_name'
  | 'project_domain_id'
  | 'system_scope'
  | 'application_credential_id'
  | 'application_credential_name'
  | 'application_credential_secret'
>

/**
 * `[keystone_authtoken]` as the client takes it.
 * @throws ConfigError with the option that is missing
 */
export function keystoneOptions(settings: Settings): KeystoneOptions {
  const { auth_url: authUrl } = settings
  if (authUrl === null) {
    throw new ConfigError([
      '[DEFAULT] auth_strategy = keystone, the default where there is a configuration, needs ' +
        '[keystone_authtoken] auth_url. Without Keystone, set auth_strategy to http_basic, or to ' +
        'noauth if every client that reaches the API may control the machines.',
    ])
  }
  const timeoutMs = (settings.http_connect_timeout ?? 10) * 1000
  return {
    authUrl,
    auth: authDocument(settings),
    timeoutMs,
    attempts: settings.http_request_max_retries,
    dispatcher: serviceDispatcher(settings),
  }
}

/** Returns the connections for a group of options with `cafile` and `insecure`. */
export function serviceDispatcher(tls: {
  readonly cafile: string | null
  readonly insecure: boolean
}): Agent {
  const ca = tls.cafile === null ? undefined : readFileSync(tls.cafile, 'utf8')
  if (ca === undefined && !tls.insecure) return plainAgent
  return httpAgent({
    connect: { rejectUnauthorized: !tls.insecure, ...(ca === undefined ? {} : { ca }) },
  })
}

/** The `auth` object of `POST /v3/auth/tokens` (Identity API v3). */
export function authDocument(s: Credentials): Record<string, unknown> {
  if (s.auth_type === 'v3applicationcredential') return applicationCredential(s)
  return {
    identity: { methods: ['password'], password: { user: userOf(s, s.password) } },
    scope: scopeOf(s),
  }
}

function applicationCredential(s: Credentials): Record<string, unknown> {
  const credential = {
    secret: s.application_credential_secret,
    ...(s.application_credential_id === null
      ? { name: s.application_credential_name, user: userOf(s) }
      : { id: s.application_credential_id }),
  }
  return {
    identity: { methods: ['application_credential'], application_credential: credential },
  }
}

function userOf(s: Credentials, password?: string | null): Record<string, unknown> {
  const secret = password === undefined ? {} : { password }
  if (s.user_id !== null) return { id: s.user_id, ...secret }
  return { name: s.username, domain: domainOf(s.user_domain_id, s.user_domain_name), ...secret }
}

function scopeOf(s: Credentials): Record<string, unknown> {
  if (s.system_scope === 'all') return { system: { all: true } }
  if (s.project_id !== null) return { project: { id: s.project_id } }
  const domain = domainOf(s.project_domain_id, s.project_domain_name)
  return { project: { name: s.project_name, domain } }
}

const domainOf = (id: string | null, name: string | null) =>
  id === null ? (name === null ? { id: 'default' } : { name }) : { id }
