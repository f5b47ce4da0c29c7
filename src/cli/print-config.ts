import type { Option, OptionGroup } from '../config/declare.js'
import type { LoadedConfig } from '../config/load.js'
import { optionGroups } from '../config/options/index.js'
import { describeOrigin } from '../config/sources.js'
import { writeValue } from '../config/values.js'

/** A dollar sign or a line break would not read back as it was. */
function asFileText(value: unknown): string {
  return writeValue(value).replaceAll('$', '$$$$').replaceAll('\n', '\n    ')
}

function line(name: string, option: Option<unknown>, value: unknown, origin: string): string {
  if (option.type === 'multi') return multiLines(name, value as readonly string[], origin)
  const shown = option.secret && value !== null ? '******' : asFileText(value)
  // An option that is not set stays a comment, because `name =` would set it to nothing.
  const text = value === null ? `# ${name} =` : `${name} = ${shown}`.trimEnd()
  return `# ${origin}\n${text}`
}

/** A repeated option has a line per value; without any it stays a comment. */
function multiLines(name: string, values: readonly string[], origin: string): string {
  const lines =
    values.length === 0 ? [`# ${name} =`] : values.map((v) => `${name} = ${asFileText(v)}`)
  return `# ${origin}\n${lines.join('\n')}`
}

/**
 * The effective configuration in the form of an ironic.conf, each value under a comment that
 * says where it came from. Secrets are masked.
 */
export function printConfig({ config, origins }: LoadedConfig): string {
  const groups = Object.entries<OptionGroup>(optionGroups).map(([group, options]) => {
    const values = config[group as keyof typeof config] as Readonly<Record<string, unknown>>
    const lines = Object.entries(options).map(([name, option]) => {
      const origin = describeOrigin(origins.get(`${group}.${name}`) ?? { kind: 'default' })
      return line(name, option, values[name], origin)
    })
    return `[${group}]\n${lines.join('\n')}\n`
  })
  return groups.join('\n')
}
