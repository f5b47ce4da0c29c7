import type { Option, OptionGroup, ValuesOf } from './declare.js'
import { optionGroups } from './options/index.js'

type Groups = typeof optionGroups

/** The effective configuration: `config.conductor.heartbeat_interval`, under Ironic's own names. */
export type Config = { readonly [G in keyof Groups]: ValuesOf<Groups[G]> }
export type ConfigOverrides = { readonly [G in keyof Groups]?: Partial<ValuesOf<Groups[G]>> }

/**
 * Defaults of a process without any configuration: no file, no environment variable, no flag. It
 * is a first try on this machine's loopback address, so it needs no Keystone.
 */
export const unconfigured = { DEFAULT: { auth_strategy: 'noauth' } } as const

/**
 * The configuration of a process without any, with overrides on top; for tests.
 * @param overrides values by group and option name; they are taken as they are
 */
export function defaultConfig(overrides: ConfigOverrides = {}): Config {
  const out: Record<string, Record<string, unknown>> = {}
  const bare: Readonly<Record<string, object>> = unconfigured
  for (const [group, options] of Object.entries<OptionGroup>(optionGroups)) {
    const given: Record<string, unknown> = { ...bare[group], ...overrides[group as keyof Groups] }
    out[group] = Object.fromEntries(
      Object.entries<Option<unknown>>(options).map(([name, o]) => [
        name,
        name in given ? given[name] : o.default,
      ]),
    )
  }
  return out as Config
}
