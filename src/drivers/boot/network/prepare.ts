import { eq } from 'drizzle-orm'
import type { JsonObject } from '../../../db/columns.js'
import { volumeTargets } from '../../../db/schema/index.js'
import { planKey } from '../../../netboot/plan.js'
import type { BootPlan } from '../../../netboot/plan.js'
import { instanceCapabilities } from '../../driver-info/capabilities.js'
import { pythonStr } from '../../../python/repr.js'
import { dropInfo, infoOf, setInfo } from '../../internal-info.js'
import type { Task } from '../../interfaces.js'
import { switchSecureBoot, syncBootMode } from '../boot-mode.js'
import { isInstalling, prepareInstaller } from './anaconda.js'
import { setDiskDevice, setNetworkDevice } from './first-device.js'
import { announce, withdraw } from './dhcp.js'
import type { Flavour } from './flavour.js'
import { fetchImages, instanceImages, ramdiskImages } from './images.js'
import type { Images } from './images.js'
import { bootParameters } from './kernel-parameters.js'

const rescueStates = new Set([
  'rescuing',
  'rescue wait',
  'rescue failed',
  'unrescuing',
  'unrescue failed',
])

/** Lets the machine boot into the ramdisk next time (`PXEBaseMixin.prepare_ramdisk`). */
export async function prepareRamdisk(
  task: Task,
  flavour: Flavour,
  params: JsonObject,
): Promise<void> {
  const mode = rescueStates.has(task.node.provisionState) ? 'rescue' : 'deploy'
  const images = ramdiskImages(task, mode)
  await syncBootMode(task)
  const classic = 'deployment_id' in params || 'ipa-driver-name' in params
  await writePlan(task, {
    mode: 'ramdisk',
    loader: flavour.name,
    entry: 'deploy',
    images,
    parameters: bootParameters(task, params),
    ...(classic ? { classic } : {}),
  })
  await announce(task, flavour)
  await setNetworkDevice(task, flavour, false)
  await fetchImages(task, images)
}

/** Nothing is served any more for the machine (`clean_up_ramdisk`). */
export async function cleanUp(task: Task): Promise<void> {
  dropInfo(task.node, [planKey])
  await task.save()
  await withdraw(task)
}

/** Lets the machine boot its instance (`PXEBaseMixin.prepare_instance`). */
export async function prepareInstance(task: Task, flavour: Flavour): Promise<void> {
  const { node, ctx } = task
  await syncBootMode(task)
  // An installer may be what the machine does not trust.
  if (!isInstalling(task)) await switchSecureBoot(task, true)
  const plan = await instancePlan(task, flavour)
  if (plan === null && !ctx.config.pxe.enable_netboot_fallback) await cleanUp(task)
  else {
    await writePlan(task, plan ?? diskPlan(task, flavour))
    await announce(task, flavour)
  }
  // A machine in use is not touched when another conductor takes it over.
  if (node.provisionState === 'active' || node.provisionState === 'adopting') return
  if (plan === null) await setDiskDevice(task)
  else await setNetworkDevice(task, flavour, true)
}

/** What an instance boots over the network; null when it boots its disk. */
async function instancePlan(task: Task, { name: loader, ipxe }: Flavour): Promise<BootPlan | null> {
  const base = {
    mode: 'instance' as const,
    loader,
    parameters: bootParameters(task, {}),
    images: {},
  }
  const volume = await bootVolumeOf(task)
  if (ipxe && volume !== null) return { ...base, entry: 'boot_iscsi', volume }
  if (isInstalling(task)) {
    const installer = await prepareInstaller(task)
    await fetchImages(task, installer.images)
    return { ...base, ...installer, entry: 'boot_anaconda' }
  }
  if (task.driver.deploy.name === 'ramdisk') {
    const images = await instanceImages(task)
    await fetchImages(task, images)
    return { ...base, images, ...ramdiskEntry(task, images, base.parameters) }
  }
  return netbootsDisk(task) ? await classicPlan(task, base) : null
}

function ramdiskEntry(task: Task, images: Images, parameters: string) {
  if ('boot_iso' in images) return { entry: 'boot_iso' as const }
  const own = task.node.instanceInfo?.['ramdisk_kernel_arguments']
  const words = own === undefined || own === null ? parameters : `${parameters} ${pythonStr(own)}`
  return { entry: 'boot_ramdisk' as const, parameters: words.replaceAll(/[\r\n\0]/g, '') }
}

/** The boot of 2015: the disk is written by iSCSI, and kernel and ramdisk come over the network. */
const netbootsDisk = (task: Task): boolean =>
  task.driver.deploy.name === 'iscsi' &&
  pythonStr(instanceCapabilities(task.node)['boot_option'] ?? 'netboot') === 'netboot'

async function classicPlan(task: Task, base: Omit<BootPlan, 'entry'>): Promise<BootPlan> {
  const info = infoOf(task.node)
  const disk = pythonStr(info['root_uuid_or_disk_id'] ?? '')
  if (info['is_whole_disk_image']) return { ...base, entry: 'boot_whole_disk', disk }
  const images = await instanceImages(task)
  await fetchImages(task, images)
  return { ...base, images, entry: 'boot_partition', disk }
}

/**
 * For machines that boot from the network whatever they are told: they are sent to their disk,
 * which is the first where only the root file system on it is known.
 */
function diskPlan({ node }: Task, { name: loader }: Flavour): BootPlan {
  const { root_uuid_or_disk_id: id, is_whole_disk_image: whole } = infoOf(node)
  const disk = whole ? pythonStr(id ?? '') : ''
  return { mode: 'instance', loader, entry: 'boot_whole_disk', images: {}, parameters: '', disk }
}

async function bootVolumeOf(task: Task): Promise<string | null> {
  const uuid = infoOf(task.node)['boot_from_volume']
  if (typeof uuid !== 'string') return null
  const [row] = await task.ctx.db.orm
    .select({ type: volumeTargets.volumeType })
    .from(volumeTargets)
    .where(eq(volumeTargets.uuid, uuid))
  return row?.type === 'iscsi' ? uuid : null
}

async function writePlan(task: Task, plan: BootPlan): Promise<void> {
  setInfo(task.node, { [planKey]: plan })
  await task.save()
}
