import { homedir, hostname, networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { contradictions, openWarnings } from './contradictions.js'
import type { Option, OptionGroup } from './declare.js'
import { ConfigError } from './errors.js'
import { unconfigured } from './index.js'
import type { Config } from './index.js'
import { optionGroups } from './options/index.js'
import {
  assignmentsOfEnvironment,
  assignmentsOfFiles,
  assignmentsOfFlags,
  defaultFiles,
  describeOrigin,
  filesOfDirectory,
} from './sources.js'
import type { Assignment, Origin } from './sources.js'
import { substitute } from './substitute.js'
import { unusedWarning } from './unused.js'
import { readValue, ValueError, writeValue } from './values.js'

export interface ConfigInput {
  /** `group.option=value`, as `--set` takes them. */
  readonly flags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** `--config-file`, in order. Without files and directories, the usual places are read. */
  readonly configFiles?: readonly string[]
  readonly configDirs?: readonly string[]
  /** What relative paths of files are relative to. */
  readonly cwd?: string
  /** Where the operator's own files are looked for. */
  readonly home?: string
}

export interface LoadedConfig {
  readonly config: Config
  /** By `group.option`. */
  readonly origins: ReadonlyMap<string, Origin>
  readonly warnings: readonly string[]
  /** The files that were read, in order. */
  readonly files: readonly string[]
}

const byDefault: Origin = { kind: 'default' }
const rank = { default: 0, file: 1, environment: 2, flag: 3 } as const

/** Defaults only the machine can tell. */
const detected: Readonly<Record<string, () => string>> = {
  'DEFAULT.host': hostname,
  'DEFAULT.my_ip': () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find((address) => address.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1',
}

function declared(group: string, name: string): Option<unknown> | undefined {
  const options = (optionGroups as Readonly<Record<string, OptionGroup>>)[group]
  return options && Object.hasOwn(options, name) ? options[name] : undefined
}

function namesOf(group: string, name: string, option: Option<unknown>): string[] {
  const older = (option.deprecatedNames ?? []).map((n) => (n.includes('.') ? n : `${group}.${n}`))
  return [`${group}.${name}`, ...older]
}

/** The default of an option where there is no configuration at all, when it is another one. */
function unconfiguredDefault(key: string): unknown {
  const [group = '', name = ''] = key.split('.')
  const groups: Readonly<Record<string, Readonly<Record<string, unknown>>>> = unconfigured
  return groups[group]?.[name]
}

/** Turns assignments into values, each on first need, because options refer to one another. */
class Resolver {
  readonly problems: string[] = []
  readonly origins = new Map<string, Origin>()
  readonly used = new Set<string>()
  readonly #given = new Map<string, Assignment[]>()
  readonly #values = new Map<string, unknown>()
  readonly #open = new Set<string>()
  readonly #isConfigured: boolean

  /** @param isConfigured false where no file was read either */
  constructor(assignments: readonly Assignment[], isConfigured: boolean) {
    this.#isConfigured = isConfigured || assignments.length > 0
    for (const assignment of assignments) {
      const key = `${assignment.group}.${assignment.name}`
      this.#given.set(key, [...(this.#given.get(key) ?? []), assignment])
    }
  }

  value(group: string, name: string, option: Option<unknown>): unknown {
    const key = `${group}.${name}`
    if (!this.#values.has(key)) this.#values.set(key, this.#compute(group, name, option))
    return this.#values.get(key)
  }

  #compute(group: string, name: string, option: Option<unknown>): unknown {
    const key = `${group}.${name}`
    const winners = this.#winners(namesOf(group, name, option))
    const origin = winners.at(-1)?.origin ?? byDefault
    this.origins.set(key, origin)
    this.#open.add(key)
    try {
      if (winners.length === 0) return this.#defaultOf(group, key, option)
      const texts = winners.map(({ text }) => this.#substitute(text, group))
      return readValue(option, texts)
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      const shown = option.secret ? '' : ` = ${JSON.stringify(winners.at(-1)?.text ?? '')}`
      this.problems.push(`${describeOrigin(origin)}: [${group}] ${name}${shown}: ${error.message}`)
      return option.default
    } finally {
      this.#open.delete(key)
    }
  }

  /** The assignments of the source that wins; all of it, for options that may be repeated. */
  #winners(keys: readonly string[]): Assignment[] {
    const all = keys.flatMap((key) => {
      const given = this.#given.get(key) ?? []
      if (given.length > 0) this.used.add(key)
      return given
    })
    const best = Math.max(...all.map(({ origin }) => rank[origin.kind]))
    const winners = all.filter(({ origin }) => rank[origin.kind] === best)
    // An option's own name wins over a deprecated one, so that comes last.
    return winners.toSorted((a, b) => Number(keys[0] === keyOf(a)) - Number(keys[0] === keyOf(b)))
  }

  #defaultOf(group: string, key: string, option: Option<unknown>): unknown {
    const bare = this.#isConfigured ? undefined : unconfiguredDefault(key)
    const value = bare ?? option.default ?? detected[key]?.() ?? null
    return typeof value === 'string' ? this.#substitute(value, group) : value
  }

  #substitute(text: string, group: string): string {
    return substitute(text, (name) => this.#lookup(name, group))
  }

  #lookup(name: string, group: string): string {
    const dot = name.indexOf('.')
    const places: [string, string][] =
      dot > 0
        ? [[name.slice(0, dot), name.slice(dot + 1)]]
        : [
            [group, name],
            ['DEFAULT', name],
          ]
    for (const [g, n] of places) {
      const option = declared(g, n)
      if (this.#open.has(`${g}.${n}`)) throw new ValueError(`$${name} refers to itself`)
      if (option) return writeValue(this.value(g, n, option))
      const given = this.#given.get(`${g}.${n}`)?.at(-1)
      if (given) return this.#substitute(given.text, g)
    }
    throw new ValueError(`$${name} names no option; write $$ for a dollar sign`)
  }
}

function keyOf({ group, name }: Assignment): string {
  return `${group}.${name}`
}

function readAssignments(input: ConfigInput, files: readonly string[], problems: string[]) {
  return [
    ...assignmentsOfFiles(files, input.cwd ?? process.cwd(), problems),
    ...assignmentsOfEnvironment(input.env ?? {}),
    ...assignmentsOfFlags(input.flags ?? [], problems),
  ]
}

function filesToRead(input: ConfigInput, problems: string[]): string[] {
  const cwd = input.cwd ?? process.cwd()
  if (!input.configFiles?.length && !input.configDirs?.length) {
    return defaultFiles(input.home ?? homedir())
  }
  const ofDirectories = (input.configDirs ?? []).flatMap((directory) => {
    try {
      return filesOfDirectory(resolve(cwd, directory))
    } catch (error) {
      problems.push(`${directory}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
      return []
    }
  })
  return [...(input.configFiles ?? []), ...ofDirectories].map((file) => resolve(cwd, file))
}

function resolveAll(resolver: Resolver): Config {
  const config = Object.entries<OptionGroup>(optionGroups).map(([group, options]) => {
    const values = Object.entries(options).map(([name, option]) => {
      return [name, resolver.value(group, name, option)]
    })
    return [group, Object.fromEntries(values)]
  })
  return Object.fromEntries(config) as Config
}

/**
 * The effective configuration: flags over environment over files over defaults.
 * @throws ConfigError listing every wrong value, unreadable file and contradiction at once
 */
export function loadConfig(input: ConfigInput = {}): LoadedConfig {
  const problems: string[] = []
  const files = filesToRead(input, problems)
  const assignments = readAssignments(input, files, problems)
  const resolver = new Resolver(assignments, files.length > 0)
  const config = resolveAll(resolver)
  problems.push(...resolver.problems)
  if (problems.length === 0) problems.push(...contradictions(config))
  if (problems.length > 0) throw new ConfigError(problems)
  const unused = assignments.filter((assignment) => !resolver.used.has(keyOf(assignment)))
  const warnings = [...unusedWarning(unused), ...openWarnings(config)]
  return { config, origins: resolver.origins, warnings, files }
}
