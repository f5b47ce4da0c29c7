// Every pair of a hardware type and one of its implementations: where `validate` accepts a node, no method that
// deploying, cleaning, servicing, rescuing, a take-over or a tear-down calls may answer that it is not supported.
import { describe, expect, it } from 'vitest'
import { buildCatalogue } from '../../src/drivers/catalogue.js'
import { interfaceKinds, type InterfaceKind } from '../../src/drivers/interfaces.js'
import { UnsupportedDriverExtension } from '../../src/errors.js'
import { testTask, type TestTask } from './_util/task.js'

/** The methods that flows call without asking whether they exist. */
const flowMethods: Partial<Record<InterfaceKind, readonly string[]>> = {
  boot: ['prepareRamdisk', 'cleanUpRamdisk', 'prepareInstance', 'cleanUpInstance'],
  deploy: [
    ...['prepare', 'tearDown', 'cleanUp', 'takeOver', 'prepareCleaning', 'tearDownCleaning'],
    ...['prepareService', 'tearDownService'],
  ],
  network: ['addNetwork', 'removeNetwork', 'configureTenantNetworks', 'unconfigureTenantNetworks'],
  power: ['getPowerState', 'setPowerState', 'reboot'],
  management: ['setBootDevice', 'getBootDevice', 'supportedBootDevices'],
  rescue: ['rescue', 'unrescue', 'cleanUp'],
  storage: ['attachVolumes', 'detachVolumes', 'shouldWriteImage'],
  console: ['startConsole', 'stopConsole'],
  inspect: ['inspectHardware'],
}

const catalogue = buildCatalogue([])
const pairs = [...catalogue.hardwareTypes.values()]
  .filter((type) => interfaceKinds.some((kind) => type.supported[kind].length > 1))
  .flatMap((type) =>
    interfaceKinds.flatMap((kind) =>
      type.supported[kind]
        .filter((name) => catalogue.interfaces[kind].has(name))
        .map((name) => [type.name, kind, name] as const),
    ),
  )

/** No machine answers here: a method that works fails with its connection, or for want of a database. */
async function taskWith(driver: string, kind: InterfaceKind, name: string): Promise<TestTask> {
  const option = `enabled_${kind}_interfaces`
  const deploys = { enabled_deploy_interfaces: ['autodetect', 'ramdisk', 'bootc', 'direct'] }
  return await testTask({
    node: {
      driver,
      provisionState: 'deploying',
      [`${kind}Interface`]: name,
      driverInfo: {
        ipmi_address: '127.0.0.1',
        ipmi_terminal_port: 1,
        ipmi_port: 1,
        redfish_address: 'http://127.0.0.1:1',
        deploy_kernel: 'http://127.0.0.1:1/k',
        deploy_ramdisk: 'http://127.0.0.1:1/r',
      },
    },
    config: {
      DEFAULT: {
        enabled_hardware_types: [driver],
        ...(kind === 'deploy' ? {} : deploys),
        [option]:
          name === 'autodetect'
            ? deploys.enabled_deploy_interfaces
            : [...new Set(kind === 'storage' ? ['noop', name] : [name])],
      },
      deploy: { http_url: 'http://127.0.0.1:1' },
      redfish: { connection_attempts: 1, connect_timeout: 1, read_timeout: 1 },
      ipmi: { command_retry_timeout: 1, min_command_interval: 1 },
    },
  })
}

const refusalOf = async (work: () => unknown): Promise<string | null> => {
  try {
    await work()
    return null
  } catch (error) {
    return error instanceof UnsupportedDriverExtension ? error.message : null
  }
}

describe('validate', () => {
  it.each(pairs)('of %s is true to what %s %s can do', async (driver, kind, name) => {
    const task = await taskWith(driver, kind, name)
    const implementation = task.driver[kind] as unknown as Record<string, unknown>
    if ((await refusalOf(() => task.driver[kind].validate(task))) !== null) return
    for (const method of flowMethods[kind] ?? []) {
      const run = implementation[method]
      expect(typeof run, `${name}.${method}`).toBe('function')
      // The refusing methods of `refuse` touch nothing, so they show themselves without a machine.
      const text = await refusalOf(() => (run as (...args: unknown[]) => unknown)(task, 'disk', {}))
      expect(text, `${name}.${method}`).toBeNull()
    }
  })
})
