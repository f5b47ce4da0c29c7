import { ConfigError } from '../config/errors.js'
import { loadConfig } from '../config/load.js'
import { ferricVersion } from '../installation.js'
import { createLoggers } from '../log/logger.js'
import { readArguments } from './arguments.js'
import type { Arguments, CommandName } from './arguments.js'
import { backupCommand, restoreCommand } from './backup.js'
import { bmcCommand } from './bmc.js'
import { describeFailure } from './command.js'
import type { Command, Terminal } from './command.js'
import { doctor } from './doctor.js'
import { exitCodes } from './exit-codes.js'
import { help } from './help.js'
import { importPgliteCommand } from './import-pglite.js'
import { logOptions } from './log-options.js'
import { migrateCommand } from './migrate.js'
import { policyCommand } from './policy.js'
import { printConfig } from './print-config.js'
import { runRoles } from './roles.js'

const commands: Readonly<Record<CommandName, Command>> = {
  serve: (input) =>
    runRoles(input, [
      'api',
      'conductor',
      ...(input.loaded.config.ferric.boot ? (['boot'] as const) : []),
    ]),
  api: (input) => runRoles(input, ['api']),
  conductor: (input) => runRoles(input, ['conductor']),
  boot: (input) => runRoles(input, ['boot']),
  migrate: migrateCommand,
  doctor,
  policy: policyCommand,
  bmc: bmcCommand,
  backup: backupCommand,
  restore: restoreCommand,
  'import-pglite': importPgliteCommand,
  config: ({ loaded, terminal }) => {
    terminal.out(printConfig(loaded))
    return Promise.resolve(exitCodes.ok)
  },
}

/**
 * Runs one command line.
 * @param argv the words after the program's name
 * @returns the exit code
 */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const args = readArguments(argv)
  switch (args.kind) {
    case 'help':
      terminal.out(help)
      return exitCodes.ok
    case 'version':
      terminal.out(`ferric ${ferricVersion()}\n`)
      return exitCodes.ok
    case 'usage':
      terminal.err(`${args.problem}. See ferric --help.\n`)
      return exitCodes.usage
    case 'run':
      return run(args, env, terminal)
  }
}

async function run(
  args: Extract<Arguments, { kind: 'run' }>,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  try {
    const reload = () => loadConfig({ ...args, env })
    const loaded = reload()
    for (const warning of loaded.warnings) terminal.err(`Warning: ${warning}\n`)
    const log = createLoggers(logOptions(loaded.config))
    const { question, bmc, file } = args
    const ofCommand = {
      ...(question === undefined ? {} : { question }),
      ...(bmc === undefined ? {} : { bmc }),
      ...(file === undefined ? {} : { file }),
    }
    return await commands[args.command]({ loaded, reload, log, terminal, ...ofCommand })
  } catch (error) {
    if (error instanceof ConfigError) {
      terminal.err(`${error.message}\n`)
      return exitCodes.configuration
    }
    terminal.err(`${describeFailure(error)}\n`)
    return exitCodes.failed
  }
}
