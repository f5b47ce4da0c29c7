import type { Config } from './index.js'
import { mutableOptions } from './mutable-options.js'

/** What became of a new configuration: options by `group.name`. */
export interface Reloaded {
  /** Those that are in force now. */
  readonly changed: readonly string[]
  /** Those that differ and stay as they were until the process starts again. */
  readonly needRestart: readonly string[]
}

type Values = Record<string, unknown>

const isMutable = (group: string, name: string): boolean =>
  mutableOptions[group]?.split(' ').includes(name) ?? false

/**
 * Puts the mutable options of a new configuration into the one in use, in place: whoever reads an
 * option when it needs it sees the new value (oslo.config's `mutate_config_files`).
 * @param live the configuration that every role shares
 * @param fresh what the files, the environment and the flags say now
 */
export function takeOver(live: Config, fresh: Config): Reloaded {
  const changed: string[] = []
  const needRestart: string[] = []
  for (const [group, values] of Object.entries(fresh as unknown as Record<string, Values>)) {
    const mine = (live as unknown as Record<string, Values>)[group] ?? {}
    for (const [name, value] of Object.entries(values)) {
      if (JSON.stringify(mine[name]) === JSON.stringify(value)) continue
      if (!isMutable(group, name)) needRestart.push(`${group}.${name}`)
      else {
        mine[name] = value
        changed.push(`${group}.${name}`)
      }
    }
  }
  return { changed, needRestart }
}
