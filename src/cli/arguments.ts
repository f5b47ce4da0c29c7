import { parseArgs } from 'node:util'
import { bmcOptions, readBmcWords, type BmcQuestion } from './bmc-words.js'
import { policyOptions, policyProblem, type PolicyQuestion } from './policy-question.js'

export const commandNames = [
  'serve',
  'api',
  'conductor',
  'boot',
  'migrate',
  'config',
  'doctor',
  'policy',
  'bmc',
  'backup',
  'restore',
  'import-pglite',
] as const

/** Commands that take the name of a file. */
const withFile: readonly string[] = ['backup', 'restore']
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
      readonly question?: PolicyQuestion
      readonly bmc?: BmcQuestion
      readonly file?: string
    }

const options = {
  'config-file': { type: 'string', multiple: true, default: [] as string[] },
  'config-dir': { type: 'string', multiple: true, default: [] as string[] },
  set: { type: 'string', multiple: true, default: [] as string[] },
  ...policyOptions,
  ...bmcOptions,
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

interface Values {
  readonly 'config-file': string[]
  readonly 'config-dir': string[]
  readonly set: string[]
  readonly user?: string
  readonly role: string[]
  readonly project?: string
  readonly system: boolean
  readonly target: string[]
  readonly json: boolean
  readonly clear: boolean
}

const questionOf = (words: readonly string[], values: Values): PolicyQuestion => ({
  words,
  user: values.user,
  roles: values.role,
  project: values.project,
  system: values.system,
  target: values.target,
})

/** An option that only `policy` takes. */
function extraOption({ user, role, project, system, target }: Values): string | null {
  const given = { user, role: role[0], project, system: system || undefined, target: target[0] }
  const extra = Object.entries(given).find(([, value]) => value !== undefined)
  return extra === undefined ? null : `--${extra[0]} goes with policy only`
}

function command(positionals: readonly string[], values: Values): Arguments {
  const [name, ...rest] = positionals
  if (name === undefined) return { kind: 'usage', problem: 'A command is needed' }
  if (!isCommand(name)) return { kind: 'usage', problem: `There is no command '${name}'` }
  const bmc = name === 'bmc' ? readBmcWords(rest, values) : null
  if (typeof bmc === 'string') return { kind: 'usage', problem: bmc }
  const problem = name === 'policy' ? policyProblem(rest) : extraOption(values)
  if (problem !== null) return { kind: 'usage', problem }
  const ofBmc = values.json ? '--json' : values.clear ? '--clear' : null
  if (name !== 'bmc' && ofBmc !== null)
    return { kind: 'usage', problem: `${ofBmc} goes with bmc only` }
  const file = withFile.includes(name) ? rest.shift() : undefined
  if (withFile.includes(name) && file === undefined)
    return { kind: 'usage', problem: `${name} needs the name of a file` }
  if (!['policy', 'bmc'].includes(name) && rest[0] !== undefined)
    return { kind: 'usage', problem: `${name} takes no argument '${rest[0]}'` }
  return {
    kind: 'run',
    command: name,
    configFiles: values['config-file'],
    configDirs: values['config-dir'],
    flags: values.set,
    ...(name === 'policy' ? { question: questionOf(rest, values) } : {}),
    ...(bmc === null ? {} : { bmc }),
    ...(file === undefined ? {} : { file }),
  }
}
