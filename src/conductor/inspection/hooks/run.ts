import { errorText } from '../../../error-text.js'
import { InvalidParameterValue } from '../../../errors.js'
import type { Config } from '../../../config/index.js'
import { errorClass } from '../../node/text.js'
import { accelerators } from './accelerators.js'
import { validateInterfaces } from './interfaces.js'
import { parseLldp } from './parse-lldp.js'
import { localLinkConnection, physicalNetwork, ports } from './ports.js'
import * as properties from './properties.js'
import { rootDevice } from './root-device.js'
import type { Hook, HookRun } from './types.js'

const known: ReadonlyMap<string, Hook> = new Map(
  [
    properties.ramdiskError,
    validateInterfaces,
    ports,
    properties.architecture,
    properties.memory,
    properties.cpus,
    rootDevice,
    properties.bootMode,
    properties.cpuCapabilities,
    properties.pciDevices,
    accelerators,
    properties.raidDevice,
    properties.extraHardware,
    localLinkConnection,
    physicalNetwork,
    parseLldp,
  ].map((h) => [h.name, h]),
)

/**
 * The hooks of `[inspector] hooks`, in order.
 * @throws InvalidParameterValue naming one that does not exist or lacks what it needs
 */
export function enabledHooks({ inspector }: Config): Hook[] {
  return hooksOf(inspector.hooks.replaceAll('$default_hooks', inspector.default_hooks))
}

/**
 * The hooks of a list of names separated by commas.
 * @throws InvalidParameterValue
 */
export function hooksOf(text: string): Hook[] {
  const names = text.split(',').flatMap((n) => (n.trim() === '' ? [] : [n.trim()]))
  return names.map((name, i) => {
    const hook = known.get(name)
    if (hook === undefined) throw new InvalidParameterValue(`There is no inspection hook ${name}`)
    const lacking = hook.needs?.find((n) => !names.slice(0, i).includes(n))
    if (lacking === undefined) return hook
    throw new InvalidParameterValue(`The inspection hook ${name} needs ${lacking} before it`)
  })
}

/**
 * Runs hooks, those of in-band inspection unless told which: what each prepares first, then what each does.
 * @throws Error with upstream's text
 */
export async function runHooks(
  run: HookRun,
  hooks: readonly Hook[] = enabledHooks(run.task.ctx.config),
): Promise<void> {
  const { uuid } = run.task.node
  const failures = hooks.flatMap((h) => prepare(h, run))
  if (failures.length > 0) {
    throw new Error(
      `The following failures happened while running preprocess hooks for node ${uuid}:\n${failures.join('\n')}`,
    )
  }
  for (const hook of hooks) {
    try {
      await hook.run?.(run)
    } catch (e) {
      if (run.task.signal.aborted) throw e
      throw new Error(
        `Unexpected exception ${errorClass(e)} during processing for node: ${uuid}. Error: ${errorText(e)}`,
        { cause: e },
      )
    }
  }
}

function prepare(hook: Hook, run: HookRun): string[] {
  try {
    hook.preprocess?.(run)
    return []
  } catch (e) {
    return [errorText(e)]
  }
}
