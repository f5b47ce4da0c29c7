/** What a machine boots that Anaconda installs (`pxe_utils.prepare_instance_kickstart_config`). */
import { configDriveIso } from '../../../images/configdrive/instance.js'
import { configDriveSection } from '../../../netboot/kickstart/config-drive.js'
import { templateText, tryTemplate } from '../../../netboot/kickstart/kickstart.js'
import type { BootPlan, KickstartPlan } from '../../../netboot/plan.js'
import { pythonStr } from '../../../python/repr.js'
import { pregenerateToken } from '../../agent/token.js'
import { apiUrl } from '../../api-url.js'
import type { Task } from '../../interfaces.js'
import type { Images } from './images.js'
import { installationOf } from './installation.js'
import { validateKickstart } from './ksvalidator.js'

const installing = new Set(['deploying', 'wait call-back'])

/**
 * Whether the instance is being installed. Later it boots its disk: a machine that is unrescued or
 * taken over must not be installed anew.
 */
export const isInstalling = ({ node, driver }: Task): boolean =>
  driver.deploy.name === 'anaconda' && installing.has(node.provisionState)

/**
 * Checks the template and the config drive, and gives the installer its token.
 * @throws InvalidKickstartTemplate, InvalidKickstartFile, InvalidParameterValue, what reading the image's data throws
 */
export async function prepareInstaller(
  task: Task,
): Promise<Pick<BootPlan, 'images'> & { readonly kickstart: KickstartPlan }> {
  const { node, ctx } = task
  const { kernel, ramdisk, stage2, template, repository } = await installationOf(task)
  const text = await templateText(ctx, template, task.signal)
  await validateKickstart(task, await tryTemplate(text, repository, task.signal))
  // A drive that cannot be carried shows now, and not when the machine asks for its file.
  configDriveSection(await configDriveIso(ctx, node, task.signal))
  pregenerateToken(node)
  node.instanceInfo = { ...node.instanceInfo, kernel, ramdisk }
  const images: Images = { kernel, ramdisk, ...(stage2 === null ? {} : { stage2 }) }
  const kickstart = {
    template,
    repository: repository ? pythonStr(node.instanceInfo['image_source']) : null,
    heartbeatUrl: `${apiUrl(ctx)}/v1/heartbeat/${node.uuid}`,
    insecureHeartbeat: ctx.config.anaconda.insecure_heartbeat,
  }
  return { images, kickstart }
}
