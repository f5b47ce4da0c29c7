import { UnsupportedDriverExtension } from '../../errors.js'
import type { NodeTask } from './task.js'

/**
 * What a node keeps of its hardware: vendor, boot mode, BIOS settings, firmware. Failing to read
 * it never fails the flow that asked.
 */
export async function updateCaches(task: NodeTask): Promise<void> {
  await quietly(task, 'vendor', () => cacheVendor(task))
  await quietly(task, 'boot mode', () => cacheBootMode(task))
  await quietly(task, 'BIOS settings', () => task.driver.bios.cacheBiosSettings(task))
  await quietly(task, 'firmware', () => cacheFirmware(task))
}

export async function cacheFirmware(task: NodeTask): Promise<void> {
  await task.driver.firmware.validate(task)
  await task.driver.firmware.cacheFirmwareComponents(task)
}

async function cacheVendor(task: NodeTask): Promise<void> {
  if (task.node.properties?.['vendor']) return
  const vendor = await task.driver.management.detectVendor?.(task)
  if (vendor) task.node.properties = { ...task.node.properties, vendor }
}

async function cacheBootMode(task: NodeTask): Promise<void> {
  const { management } = task.driver
  const bootMode = await unless(() => management.getBootMode?.(task))
  const secureBoot = await unless(() => management.getSecureBootState?.(task))
  Object.assign(task.node, { bootMode, secureBoot })
}

/** A value, or null from a driver that cannot tell. */
async function unless<T>(read: () => Promise<T | null> | undefined): Promise<T | null> {
  try {
    return (await read()) ?? null
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) return null
    throw error
  }
}

async function quietly(task: NodeTask, what: string, read: () => Promise<void>): Promise<void> {
  try {
    await read()
  } catch (error) {
    if (error instanceof UnsupportedDriverExtension) return
    task.ctx.log.conductor.warn({ error, node: task.node.uuid }, `the ${what} could not be read`)
  }
}
