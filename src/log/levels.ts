import { subsystems, type Subsystem } from './subsystems.js'

/** Levels by subsystem; one that is not named has the level of `[DEFAULT] debug`. */
export type Levels = Readonly<Partial<Record<Subsystem, string>>>

/** Python's level names (`logging`, oslo.log) and pino's. */
const levelNames: Readonly<Record<string, string>> = {
  CRITICAL: 'fatal',
  FATAL: 'fatal',
  ERROR: 'error',
  WARNING: 'warn',
  WARN: 'warn',
  AUDIT: 'info',
  INFO: 'info',
  DEBUG: 'debug',
  TRACE: 'trace',
  NOTSET: 'trace',
}

/** What Ironic's modules are here, by the beginning of a logger's name. */
const modules: readonly (readonly [string, readonly Subsystem[]])[] = [
  ['ironic', subsystems],
  ['ironic.api', ['api']],
  ['ironic.conductor', ['conductor', 'queue']],
  ['ironic.console', ['console']],
  ['ironic.db', ['db']],
  ['ironic.dhcp', ['boot', 'network']],
  ['ironic.drivers', ['drivers', 'bmc', 'boot', 'deploy', 'inspection', 'network']],
  ['ironic.drivers.modules.agent', ['deploy']],
  ['ironic.drivers.modules.inspector', ['inspection']],
  ['ironic.drivers.modules.ipmitool', ['bmc']],
  ['ironic.drivers.modules.network', ['network']],
  ['ironic.drivers.modules.redfish', ['bmc']],
  ['sushy', ['bmc']],
]

/**
 * Reads `[DEFAULT] default_log_levels`: pairs `name=LEVEL` as oslo.log reads them. Names are our
 * subsystems, or modules of Ironic, which stand for the subsystems that do their work. Names of
 * other libraries have no effect, because upstream's default is full of them.
 * @returns the level of each named subsystem, and what is wrong with the pairs
 */
export function readLevels(pairs: readonly string[]): { levels: Levels; problems: string[] } {
  const problems: string[] = []
  const named: { name: string; level: string }[] = []
  for (const pair of pairs) {
    const [name = '', word = ''] = pair.split('=', 2).map((part) => part.trim())
    const level = levelNames[word.toUpperCase()]
    if (level !== undefined && name !== '') named.push({ name, level })
    else
      problems.push(`'${pair}' is not name=LEVEL with one of ${Object.keys(levelNames).join(', ')}`)
  }
  const general = (name: string) => (isSubsystem(name) ? Infinity : name.length)
  named.sort((a, b) => general(a.name) - general(b.name))
  const levels: Partial<Record<Subsystem, string>> = {}
  for (const { name, level } of named) for (const one of subsystemsOf(name)) levels[one] = level
  return { levels, problems }
}

const isSubsystem = (name: string): name is Subsystem =>
  (subsystems as readonly string[]).includes(name)

function subsystemsOf(name: string): readonly Subsystem[] {
  if (isSubsystem(name)) return [name]
  const inside = modules.filter(([module]) => name === module || name.startsWith(`${module}.`))
  const exact = inside.at(-1)
  // `ironic.foo` is a module that does not exist here; only `ironic` itself means everything.
  return exact === undefined || (exact[0] === 'ironic' && name !== 'ironic') ? [] : exact[1]
}
