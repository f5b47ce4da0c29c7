import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { parse } from 'yaml'
import type { Config } from '../../config/index.js'
import { isObject } from '../validation/json-schema.js'
import type { CheckSource } from './language.js'

/**
 * Rules of `[oslo_policy] policy_file` and `policy_dirs`, later files over earlier ones.
 * Relative paths are taken from `/etc/ironic` and from the working directory; what is not there
 * is left out, as oslo.policy does.
 * @throws Error naming the file that is not a mapping of rules to checks
 */
export function loadPolicyFiles(options: Config['oslo_policy']): Record<string, CheckSource> {
  const rules: Record<string, CheckSource> = {}
  for (const path of policyFiles(options)) Object.assign(rules, readRules(path))
  return rules
}

function policyFiles(options: Config['oslo_policy']): string[] {
  const places = (path: string) => (isAbsolute(path) ? [path] : [join('/etc/ironic', path), path])
  const main = places(options.policy_file).find((p) => existsSync(p))
  const more = options.policy_dirs
    .flatMap(places)
    .filter((p) => existsSync(p))
    .flatMap((directory) =>
      readdirSync(directory, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => join(directory, entry.name))
        .sort(),
    )
  return main === undefined ? more : [main, ...more]
}

function readRules(path: string): Record<string, CheckSource> {
  const document: unknown = parse(readFileSync(path, 'utf8'))
  if (document === null) return {}
  if (!isObject(document)) throw new Error(`${path} is not a mapping of rules to checks`)
  for (const [name, check] of Object.entries(document)) {
    if (!isSource(check))
      throw new Error(`${path}: the check of ${name} is neither text nor a list`)
  }
  return document as Record<string, CheckSource>
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isSource = (check: unknown): check is CheckSource =>
  isText(check) ||
  (Array.isArray(check) &&
    check.every((one: unknown) => isText(one) || (Array.isArray(one) && one.every(isText))))
