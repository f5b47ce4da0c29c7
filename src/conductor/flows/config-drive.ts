/** Where the config drive of an instance is kept: with the node, or in Swift. */
import type { AppContext } from '../../context.js'
import type { Config } from '../../config/index.js'
import { MissingParameterValue } from '../../errors.js'
import { configDriveText } from '../../images/configdrive/instance.js'
import { openstackService } from '../../openstack/keystone/service.js'
import { createSwiftClient } from '../../openstack/swift/client.js'
import { service } from '../../services.js'
import type { NodeTask } from '../node/task.js'

/**
 * Keeps the drive of a deployment, in `instance_info.configdrive`: itself, or, with `[deploy]
 * configdrive_use_object_store`, a temporary URL of Swift (upstream `_store_configdrive`).
 * @param drive what the user gave; without one the node keeps what it has
 * @throws SwiftError, MissingParameterValue, KeystoneUnavailable, InvalidParameterValue
 */
export async function storeConfigDrive(task: NodeTask, drive: unknown): Promise<void> {
  if (drive === null || drive === undefined || drive === '') return
  const { node, ctx } = task
  const kept = ctx.config.deploy.configdrive_use_object_store ? await inSwift(task, drive) : drive
  node.instanceInfo = { ...node.instanceInfo, configdrive: kept }
}

/** A drive that is somewhere else already is left there. */
async function inSwift(task: NodeTask, configdrive: unknown): Promise<unknown> {
  const { ctx, node, signal } = task
  if (typeof configdrive === 'string' && /^https?:\/\//i.test(configdrive)) return configdrive
  const { uuid, name } = node
  const text = await configDriveText({ uuid, name, instanceInfo: { configdrive } })
  const seconds = durationOf(ctx.config)
  const object = objectOf(task)
  const client = swiftClient(ctx)
  const expiresAt = new Date(ctx.clock.now().getTime() + seconds * 1000)
  const url = await client.temporaryUrl(object, expiresAt, signal)
  if (url === null) {
    throw new MissingParameterValue(
      'Swift temporary URLs require a shared secret to be created. You must provide pre-generate the key on the project used to access Swift.',
    )
  }
  await client.store(object, text ?? '', seconds, signal)
  return url
}

const objectOf = ({ ctx, node }: NodeTask) => ({
  container: ctx.config.conductor.configdrive_swift_container,
  name: `configdrive-${node.uuid}`,
})

/** Longer than a deployment waits for its ramdisk, which is who reads the drive. */
function durationOf({ conductor }: Config): number {
  const { configdrive_swift_temp_url_duration: own, deploy_callback_timeout: wait } = conductor
  if (own !== null) return own
  return wait > 0 ? wait + 120 : 1800
}

/** Whoever is asked to forget must not be kept for long. */
const longestMs = 30_000

/**
 * Removes the drive from Swift when its instance goes. What cannot be removed now goes when its time
 * is over: this is logged, and no error.
 */
export async function forgetConfigDrive(task: NodeTask): Promise<void> {
  const { ctx, node, signal } = task
  const drive = node.instanceInfo?.['configdrive']
  if (typeof drive !== 'string' || !URL.canParse(drive)) return
  const { pathname, searchParams } = new URL(drive)
  const object = objectOf(task)
  const ours = pathname.endsWith(`/${object.container}/${object.name}`)
  if (!ours || !searchParams.has('temp_url_sig')) return
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(longestMs)])
    await swiftClient(ctx).remove(object, limit)
  } catch (error) {
    signal.throwIfAborted()
    ctx.log.conductor.warn(
      { error, node: node.uuid },
      'the config drive stays in Swift until it expires',
    )
  }
}

/** The client of this process, which holds the token. */
const swiftClient = service({
  name: 'Swift client',
  create: ({ config, clock }: AppContext) => {
    const timeoutMs = config.DEFAULT.webserver_connection_timeout * 1000
    const keystone = openstackService(config.swift, { clock, timeoutMs })
    return createSwiftClient({ ...keystone, timeoutMs })
  },
})
