import { eq } from 'drizzle-orm'
import { volumeTargets } from '../../db/schema/index.js'
import { InvalidParameterValue } from '../../errors.js'
import type { StorageInterface, Task } from '../interfaces.js'
import { nothing } from '../support.js'

/** False when the instance has no image and boots from a volume. */
async function shouldWriteImage(task: Task): Promise<boolean> {
  if ('image_source' in (task.node.instanceInfo ?? {})) return true
  const targets = await task.ctx.db.orm
    .select({ bootIndex: volumeTargets.bootIndex })
    .from(volumeTargets)
    .where(eq(volumeTargets.nodeId, task.node.id))
  return !targets.some((target) => target.bootIndex === 0)
}

/** Volumes that something else attaches (`drivers/modules/storage/external.py`). */
export const externalStorage: StorageInterface = {
  name: 'external',
  kind: 'storage',
  properties: {},
  async validate(task) {
    const ipxe = task.driver.boot.capabilities.includes('ipxe_boot')
    if (ipxe || (await shouldWriteImage(task))) return
    throw new InvalidParameterValue(
      `Failed to validate external storage interface for node ${task.node.uuid}. To support network booting to an iSCSI volume, the boot interface must be set to \`\`ipxe\`\`.`,
    )
  },
  attachVolumes: nothing,
  detachVolumes: nothing,
  shouldWriteImage,
}
