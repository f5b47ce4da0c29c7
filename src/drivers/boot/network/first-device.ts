import { InvalidParameterValue } from '../../../errors.js'
import { bootMode } from '../../driver-info/boot-mode.js'
import { setBootDevice } from '../../boot-device.js'
import type { Task } from '../../interfaces.js'
import type { Flavour } from './flavour.js'

/** IPMI has no name for HTTP boot: firmware that cannot be told boots by PXE, which it may be. */
export async function setNetworkDevice(
  task: Task,
  { http }: Flavour,
  persistent: boolean,
): Promise<void> {
  if (http) {
    try {
      return await setBootDevice(task, 'uefihttp', persistent)
    } catch (error) {
      if (!(error instanceof InvalidParameterValue)) throw error
      task.ctx.log.boot.warn(
        { node: task.node.uuid },
        'the hardware has no boot device for HTTP boot: it is told to boot by PXE',
      )
    }
  }
  await setBootDevice(task, 'pxe', persistent)
}

/** Lenovo's UEFI loses boot entries over it while deploying (`pxe_base.py`, prepare_instance). */
export async function setDiskDevice(task: Task): Promise<void> {
  const { node } = task
  const vendor = node.properties?.['vendor']
  const lenovo = typeof vendor === 'string' && vendor.toLowerCase() === 'lenovo'
  if (node.provisionState === 'deploying' && lenovo && bootMode(task) === 'uefi') return
  await setBootDevice(task, 'disk', true)
}
