import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import { isTruthy, requireParams, strictBool } from './fields.js'
import { isGlanceImage } from './image.js'
import type { Task } from '../interfaces.js'

/**
 * How an instance's disk is to be laid out (`deploy_utils.parse_instance_info`).
 * @param options.image false: no image is written (a repository of packages)
 * @throws MissingParameterValue, InvalidParameterValue
 */
export function partitionLayout(task: Task, options: { image: boolean }): JsonObject {
  const info = task.node.instanceInfo ?? {}
  const source = info['image_source']
  const boots = task.driver.deploy.name === 'anaconda' || task.driver.deploy.name === 'ramdisk'
  const separate = boots && isTruthy(source) && !isGlanceImage(pythonStr(source))
  const required: JsonObject = {
    image_source: source,
    ...(separate ? { kernel: info['kernel'], ramdisk: info['ramdisk'] } : {}),
    ...(options.image ? { root_gb: info['root_gb'] } : {}),
  }
  requireParams(required, "Some parameters were missing in node's instance_info")
  const preserve = strictBool(
    info['preserve_ephemeral'] ?? false,
    (text) => new InvalidParameterValue(`Invalid parameter preserve_ephemeral: ${text}`),
  )
  const sizes = options.image ? sizesOf(task, info) : {}
  if (preserve) requireSameLayout(task, sizes)
  return {
    ...required,
    preserve_ephemeral: preserve,
    ...sizes,
    configdrive: info['configdrive'] ?? null,
  }
}

function sizesOf(task: Task, info: JsonObject): JsonObject {
  const [root, swap, ephemeral] = [
    integer('root_gb', info['root_gb']),
    integer('swap_mb', info['swap_mb'] ?? 0),
    integer('ephemeral_gb', info['ephemeral_gb'] ?? 0),
  ]
  const format = info['ephemeral_format'] ?? null
  return {
    ephemeral_gb: ephemeral,
    root_mb: 1024 * root,
    swap_mb: swap,
    ephemeral_mb: 1024 * ephemeral,
    ephemeral_format:
      ephemeral > 0 && !isTruthy(format) ? task.ctx.config.pxe.default_ephemeral_format : format,
  }
}

function integer(name: string, value: unknown): number {
  const text = pythonStr(value).trim()
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new InvalidParameterValue(
    `Invalid parameter ${name}: ${pythonStr(value)} is not an integer value.`,
  )
}

/** A rebuild that keeps the ephemeral partition must not move it. */
function requireSameLayout(task: Task, sizes: JsonObject): void {
  const before = task.node.driverInternalInfo?.['instance'] as JsonObject | undefined
  if (before === undefined) return
  const wanted: JsonObject = { ...task.node.instanceInfo, ...sizes }
  const changed = ['root_gb', 'swap_mb', 'ephemeral_gb'].filter(
    (key) => Number(before[key]) !== Number(wanted[key]),
  )
  if (changed.length === 0) return
  const faults = changed.map(
    (key) =>
      ` Deployed value of ${key} was ${pythonStr(before[key])} but requested value is ${pythonStr(wanted[key])}.`,
  )
  throw new InvalidParameterValue(
    `The following parameters have different values from previous deployment:${faults.join('')}`,
  )
}
