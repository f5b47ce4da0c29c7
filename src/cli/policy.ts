/** `ferric policy list|check`: the rules in force, and what they say to whom. */
import { policyOf } from '../api/auth/authenticator.js'
import { loadPrincipals } from '../api/auth/principals.js'
import { checkText, type EffectiveRule } from '../api/policy/effective.js'
import { scopeOf, type PolicyEngine } from '../api/policy/engine.js'
import type { Credentials } from '../api/policy/scope.js'
import { credentialsOf, type Principal } from '../api/policy/principal.js'
import type { PolicyTarget } from '../api/policy/types.js'
import type { Config } from '../config/index.js'
import type { Command } from './command.js'
import { exitCodes } from './exit-codes.js'
import type { PolicyQuestion } from './policy-question.js'

/**
 * Prints the rules, or the answer to one question and its reasons.
 * @returns ok when the rule holds, failed when it does not
 * @throws Error for a rule or a user that does not exist
 */
export const policyCommand: Command = ({ loaded: { config }, terminal, question }) => {
  if (question === undefined) throw new Error('policy needs a question')
  const engine = policyOf({ config })
  const [verb, rule = ''] = question.words
  if (verb === 'list') {
    terminal.out(engine.list().map(describe).join(''))
    return Promise.resolve(exitCodes.ok)
  }
  if (!engine.knows(rule)) throw new Error(`There is no rule ${rule}`)
  const credentials = whoAsks(config, question)
  const target = { ...serviceProject(config), ...targetOf(question.target) }
  const holds = engine.holds(rule, credentials, target)
  terminal.out(answer(engine, rule, credentials, target))
  return Promise.resolve(holds ? exitCodes.ok : exitCodes.failed)
}

function describe({ name, check, scope, origin }: EffectiveRule): string {
  const scopes = scope === null ? 'any scope' : scope.join(', ')
  return `# ${origin}; ${scopes}\n${JSON.stringify(name)}: ${JSON.stringify(checkText(check))}\n`
}

function whoAsks(config: Config, { user, roles, project, system }: PolicyQuestion): Credentials {
  const known = user === undefined ? null : userOf(config, user)
  const principal: Principal = {
    userId: user ?? null,
    projectId: project ?? known?.projectId ?? null,
    projectName: known?.projectName ?? null,
    projectDomainId: known?.projectDomainId ?? null,
    userDomainId: known?.userDomainId ?? null,
    domainId: known?.domainId ?? null,
    systemScope: system ? 'all' : (known?.systemScope ?? null),
    roles: roles.length > 0 ? roles : (known?.roles ?? []),
    isAdminProject: true,
    service: null,
  }
  return credentialsOf(principal, { publicApi: false, serviceProjectName: null })
}

function userOf(config: Config, user: string): Principal | null {
  const path = config.ferric.principals_file
  if (path === null) return null
  const principal = loadPrincipals(path).forUser(user)
  if (principal === null) throw new Error(`${path} does not name ${user}`)
  return principal
}

function serviceProject({ DEFAULT: options }: Config): PolicyTarget {
  const name = options.rbac_service_project_name
  return options.rbac_service_role_elevated_access ? { 'config.service_project_name': name } : {}
}

/** `node.owner=x`; without a value the member is null. */
function targetOf(pairs: readonly string[]): PolicyTarget {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return at < 0 || at === pair.length - 1
        ? [pair.replace('=', ''), null]
        : [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

function answer(engine: PolicyEngine, rule: string, who: Credentials, on: PolicyTarget): string {
  const reasons = engine
    .explain(rule, who, on)
    .map(({ held, depth, text }) => `  ${held ? 'yes' : 'no '} ${'  '.repeat(depth)}${text}\n`)
  return `${verdict(engine, rule, who, on)}\n${reasons.join('')}`
}

/** What the API would answer: who may not see a node is not told that it exists. */
function verdict(engine: PolicyEngine, rule: string, who: Credentials, on: PolicyTarget): string {
  if (engine.holds(rule, who, on)) return `allowed: ${rule}`
  const scopes = engine.list().find((r) => r.name === rule)?.scope ?? null
  const own = scopeOf(who)
  if (scopes !== null && !scopes.includes(own)) {
    return `denied: ${rule} takes a token of ${scopes.join(' or ')} scope, not ${own}`
  }
  const hidden = 'node.owner' in on && !engine.holds('baremetal:node:get', who, on)
  return `denied: ${rule}, answered ${hidden ? '404: the node may not be seen' : '403'}`
}
