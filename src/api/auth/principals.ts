/**
 * Tenants without Keystone: a YAML file gives HTTP Basic users and static tokens what a
 * Keystone token would carry.
 *
 *     users:
 *       alice: { project_id: 70e5e25a, roles: [member] }
 *       root:  { system_scope: all, roles: [admin] }
 *     tokens:
 *       - { sha256: <hex of the token>, user: alice }
 *
 * Roles imply the lesser ones, as Keystone has it: admin, manager, member, reader.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { parse } from 'yaml'
import type { Clock } from '../../clock.js'
import type { Principal } from '../policy/principal.js'
import { isObject } from '../validation/json-schema.js'

export interface Principals {
  /** The principal of a user, or null when the file does not name the user. */
  forUser(user: string): Principal | null
  /** The principal of a static token, or null. Comparison takes the same time for all. */
  forToken(token: string): Principal | null
}

const implied = ['admin', 'manager', 'member', 'reader']

/** @throws Error naming the file and what is wrong in it */
export function loadPrincipals(path: string): Principals {
  return readPrincipals(parse(readFileSync(path, 'utf8')) as unknown, path)
}

const recheckMs = 1_000

/**
 * Reads the file now and again whenever it changes, at most once a second. A changed file with an
 * error leaves the earlier principals in force.
 * @param onProblem receives the error of a changed file, once per change
 * @returns the principals in force
 * @throws Error naming the file and what is wrong in it
 */
export function openPrincipals(
  path: string,
  clock: Clock,
  onProblem: (error: unknown) => void,
): () => Principals {
  let current = loadPrincipals(path)
  let stamp = stampOf(path)
  let looked = clock.now().getTime()
  return () => {
    const now = clock.now().getTime()
    if (now - looked < recheckMs) return current
    looked = now
    const latest = stampOf(path)
    if (latest === stamp) return current
    stamp = latest
    try {
      current = loadPrincipals(path)
    } catch (error) {
      onProblem(error)
    }
    return current
  }
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? 'missing' : `${stats.mtimeMs}:${stats.size}:${stats.ino}`
}

/** @param source the file's name, for errors */
export function readPrincipals(document: unknown, source: string): Principals {
  const root = isObject(document) ? document : {}
  const users = new Map<string, Principal>()
  for (const [name, entry] of Object.entries(isObject(root['users']) ? root['users'] : {})) {
    users.set(name, principalOf(name, entry, source))
  }
  const tokens = (Array.isArray(root['tokens']) ? root['tokens'] : []).map((t: unknown) =>
    tokenOf(t, users, source),
  )
  return {
    forUser: (user) => users.get(user) ?? null,
    forToken: (token) => {
      const digest = createHash('sha256').update(token).digest()
      let found: Principal | null = null
      for (const t of tokens) if (timingSafeEqual(t.digest, digest)) found = t.principal
      return found
    },
  }
}

function principalOf(name: string, entry: unknown, source: string): Principal {
  if (!isObject(entry)) throw new Error(`${source}: user ${name} is not a mapping`)
  const roles = entry['roles']
  if (!Array.isArray(roles) || !roles.every((r) => typeof r === 'string')) {
    throw new Error(`${source}: user ${name} needs a list of roles`)
  }
  const text = (key: string) => textAt(entry, key, `${source}: user ${name}`)
  // Without a scope the project is null, and null is the owner of every node without an owner.
  if (!scopes.some((key) => text(key) !== null)) {
    throw new Error(`${source}: user ${name} needs one of ${scopes.join(', ')}`)
  }
  return {
    userId: name,
    projectId: text('project_id'),
    projectName: text('project_name'),
    projectDomainId: text('project_domain_id'),
    userDomainId: text('user_domain_id'),
    domainId: text('domain_id'),
    systemScope: text('system_scope'),
    roles: withImplied(roles),
    isAdminProject: true,
    service: null,
  }
}

const scopes = ['project_id', 'domain_id', 'system_scope']

function textAt(entry: Readonly<Record<string, unknown>>, key: string, who: string): string | null {
  const value = entry[key] ?? null
  const isValid =
    key === 'system_scope' ? value === 'all' : typeof value === 'string' && value !== ''
  if (value === null || isValid) return value as string | null
  const accepted = key === 'system_scope' ? 'all' : 'a string that is not empty'
  throw new Error(`${who}: ${key} must be ${accepted}`)
}

function withImplied(roles: readonly string[]): string[] {
  const highest = Math.min(...roles.map((r) => implied.indexOf(r)).filter((i) => i >= 0))
  return [...new Set([...roles, ...(Number.isFinite(highest) ? implied.slice(highest) : [])])]
}

function tokenOf(entry: unknown, users: ReadonlyMap<string, Principal>, source: string) {
  const { sha256, user } = isObject(entry) ? entry : {}
  const principal = typeof user === 'string' ? users.get(user) : undefined
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256) || principal === undefined) {
    throw new Error(`${source}: a token needs sha256 (64 hex digits) and a user of this file`)
  }
  return { digest: Buffer.from(sha256, 'hex'), principal }
}
