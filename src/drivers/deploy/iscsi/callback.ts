/** What the deploy ramdisk of 2015 tells (docs/reference/agent-protocol.md, C.4), and whether it may. */
import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { JsonObject } from '../../../db/columns.js'
import { Invalid, InvalidParameterValue, MissingParameterValue } from '../../../errors.js'
import { pythonStr } from '../../../python/repr.js'
import { isTruthy, networkPort } from '../../driver-info/fields.js'
import { pythonList } from '../../errors.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'

/** Where the ramdisk offers its disk. */
export interface IscsiTarget {
  readonly address: string
  readonly port: number
  readonly iqn: string
  readonly lun: number
}

/** What came last and was not acted on yet. */
export type Callback =
  | { readonly kind: 'deploy'; readonly target: IscsiTarget; readonly error: string | null }
  | { readonly kind: 'bootloader'; readonly address: string; readonly error: string | null }

const callbackKey = 'iscsi_callback'
const targetKey = 'iscsi_target'
/** As much of a ramdisk's error as is worth keeping. */
const longestError = 1000

/**
 * Reads `pass_deploy_info`.
 * @throws MissingParameterValue, InvalidParameterValue, Invalid when nobody waits for it
 */
export function readDeployInfo(task: Task, args: JsonObject): Callback {
  requireWaiting(task, 'pass_deploy_info')
  const missing = ['address', 'key', 'iqn'].filter((name) => !isTruthy(args[name]))
  if (missing.length > 0) {
    throw new MissingParameterValue(
      `Parameters ${pythonList(missing)} were not passed to ironic for deploy.`,
    )
  }
  requireKey(task, args['key'])
  const iqn = pythonStr(args['iqn'])
  if (!/^(iqn|eui|naa)\.[!-~]{1,219}$/.test(iqn)) {
    throw new InvalidParameterValue('The iqn passed for deploy is no iSCSI name.')
  }
  const target = {
    address: addressOf(args),
    port: networkPort(args['port'] ?? '3260', 'port'),
    iqn,
    lun: networkPort(args['lun'] ?? '1', 'lun'),
  }
  return { kind: 'deploy', target, error: errorOf(args) }
}

/** Reads `pass_bootloader_install_info`. @throws as readDeployInfo */
export function readBootloaderInfo(task: Task, args: JsonObject): Callback {
  requireWaiting(task, 'pass_bootloader_install_info')
  const missing = ['address', 'key', 'status'].filter((name) => !isTruthy(args[name]))
  if (missing.length > 0) {
    throw new MissingParameterValue(
      `Some mandatory input missing in 'pass_bootloader_info' vendor passthru from ramdisk.. Missing are: ${pythonList(missing)}`,
    )
  }
  requireKey(task, args['key'])
  const failed = args['status'] !== 'SUCCEEDED'
  const error = failed ? (errorOf(args) ?? 'it does not say why') : null
  return { kind: 'bootloader', address: addressOf(args), error }
}

function requireWaiting({ node }: Task, method: string): void {
  if (node.provisionState === 'wait call-back') return
  throw new Invalid(
    `Node ${node.uuid} is in state ${node.provisionState}; ${method} is taken in wait call-back only.`,
  )
}

/** In constant time, and without a word about the right one. */
function requireKey({ node }: Task, given: unknown): void {
  const own = node.instanceInfo?.['deploy_key']
  const [a, b] = [Buffer.from(pythonStr(given)), Buffer.from(pythonStr(own ?? ''))]
  const right = typeof own === 'string' && own !== '' && a.length === b.length
  if (!right || !timingSafeEqual(a, b)) {
    throw new InvalidParameterValue('Deploy key does not match')
  }
}

/** A name could be made to lead anywhere later. */
function addressOf(args: JsonObject): string {
  const address = pythonStr(args['address'])
  if (isIP(address) !== 0) return address
  throw new InvalidParameterValue('The address passed by the ramdisk is no IP address.')
}

const errorOf = (args: JsonObject): string | null =>
  isTruthy(args['error']) ? pythonStr(args['error']).slice(0, longestError) : null

export function noteCallback(task: Task, callback: Callback): void {
  setInfo(task.node, { [callbackKey]: callback })
}

/** Takes what came, so that it is acted on once. */
export function takeCallback(task: Task): Callback | null {
  const callback = infoOf(task.node)[callbackKey]
  dropInfo(task.node, [callbackKey])
  return (callback as Callback | undefined) ?? null
}

export const noteTarget = (task: Task, target: IscsiTarget): void =>
  setInfo(task.node, { [targetKey]: target })

/** @throws Invalid when the ramdisk has not called */
export function targetOf({ node }: Task): IscsiTarget {
  const target = infoOf(node)[targetKey] as IscsiTarget | undefined
  if (target !== undefined) return target
  throw new Invalid(`The deploy ramdisk of node ${node.uuid} did not tell where its disk is.`)
}

export const forgetRamdisk = (task: Task): void =>
  dropInfo(task.node, [callbackKey, targetKey, 'iscsi_notified'])
