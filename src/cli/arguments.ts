import { parseArgs } from 'node:util'

export const commandNames = ['serve', 'api', 'conductor', 'migrate', 'config', 'doctor'] as const
export type CommandName = (typeof commandNames)[number]

/** A command line, read. */
export type Arguments =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'usage'; readonly problem: string }
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly configFiles: readonly string[]
      readonly configDirs: readonly string[]
      readonly flags: readonly string[]
    }

const options = {
  'config-file': { type: 'string', multiple: true, default: [] as string[] },
  'config-dir': { type: 'string', multiple: true, default: [] as string[] },
  set: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

function isCommand(name: string): name is CommandName {
  return (commandNames as readonly string[]).includes(name)
}

/**
 * Reads the words after the program's name.
 * @returns what to do; a command line that is wrong is a result too, not an exception
 */
export function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
    })
    if (values.help) return { kind: 'help' }
    if (values.version) return { kind: 'version' }
    return command(positionals, values)
  } catch (error) {
    return { kind: 'usage', problem: (error as Error).message }
  }
}

function command(
  positionals: readonly string[],
  values: { 'config-file': string[]; 'config-dir': string[]; set: string[] },
): Arguments {
  const [name, ...rest] = positionals
  if (name === undefined) return { kind: 'usage', problem: 'A command is needed' }
  if (!isCommand(name)) return { kind: 'usage', problem: `There is no command '${name}'` }
  if (rest[0] !== undefined) return { kind: 'usage', problem: `What is '${rest[0]}'?` }
  return {
    kind: 'run',
    command: name,
    configFiles: values['config-file'],
    configDirs: values['config-dir'],
    flags: values.set,
  }
}
