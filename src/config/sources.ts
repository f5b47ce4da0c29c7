import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { normalGroup, normalName, parseIni } from './ini.js'

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string }

/** One option set once, in one place. */
export interface Assignment {
  readonly group: string
  readonly name: string
  readonly text: string
  readonly origin: Origin
}

export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${origin.file}:${origin.line}`
    case 'environment':
      return `environment ${origin.variable}`
    case 'flag':
      return `flag ${origin.flag}`
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** The `*.conf` files of a directory, in the order of their names. */
export function filesOfDirectory(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => join(directory, name))
}

/**
 * What oslo.config reads for the project `ironic` when no file is named: the first file found
 * and the drop-ins of the first directory found.
 */
export function defaultFiles(home = homedir()): string[] {
  const places = [join(home, '.ironic'), home, '/etc/ironic', '/etc']
  const file = places.map((place) => join(place, 'ironic.conf')).find((path) => exists(path))
  const dropIns = places.map((place) => join(place, 'ironic.conf.d')).find((path) => exists(path))
  return [...(file ? [file] : []), ...(dropIns ? filesOfDirectory(dropIns) : [])]
}

/**
 * Reads files in the order given; later ones win.
 * @param problems takes what cannot be read or is not in the format
 */
export function assignmentsOfFiles(
  files: readonly string[],
  cwd: string,
  problems: string[],
): Assignment[] {
  return files.flatMap((path) => {
    const file = resolve(cwd, path)
    const text = readText(file, problems)
    if (text === undefined) return []
    const parsed = parseIni(text)
    problems.push(...parsed.problems.map((p) => `${file}:${p.line}: ${p.message}`))
    return parsed.entries.map(({ group, name, value, line }): Assignment => {
      return { group, name, text: value, origin: { kind: 'file', file, line } }
    })
  })
}

function readText(file: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    problems.push(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
}

/** `OS_<GROUP>__<OPTION>`, as oslo.config's environment driver reads it. */
export function assignmentsOfEnvironment(env: NodeJS.ProcessEnv): Assignment[] {
  return Object.entries(env).flatMap(([variable, text]) => {
    const match = /^OS_([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(variable)
    if (!match?.[1] || !match[2] || text === undefined) return []
    const group = match[1] === 'DEFAULT' ? 'DEFAULT' : match[1].toLowerCase()
    const name = match[2].toLowerCase()
    return [{ group, name, text, origin: { kind: 'environment', variable } as const }]
  })
}

/**
 * `group.option=value` as given to `--set`; an option without a group is in `[DEFAULT]`.
 * @param problems takes settings that are not in the form
 */
export function assignmentsOfFlags(settings: readonly string[], problems: string[]): Assignment[] {
  return settings.flatMap((setting) => {
    const match = /^(?:([\w-]+)\.)?([\w-]+)=([\s\S]*)$/.exec(setting)
    if (!match?.[2] || match[3] === undefined) {
      problems.push(`--set ${setting}: expected --set group.option=value`)
      return []
    }
    const group = normalGroup(match[1] ?? 'DEFAULT')
    const name = normalName(match[2])
    const flag = `--set ${group}.${name}`
    return [{ group, name, text: match[3], origin: { kind: 'flag', flag } as const }]
  })
}
