import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'

/**
 * Stands in the plan for the key the bash ramdisk of 2015 proves itself with. The key itself goes
 * to nobody but the machine.
 */
export const deployKeyPlace = '$deploy_key'

/** What the kernel is told, before what the boot program itself adds. */
export function kernelParameters(machine: Machine, plan: BootPlan, site: Site): string {
  const parameters = plan.parameters.replace(deployKeyPlace, () => deployKey(machine))
  switch (plan.entry) {
    case 'deploy':
      return joined('selinux=0 troubleshoot=0 text', parameters)
    case 'boot_ramdisk':
      return joined('root=/dev/ram0 text', parameters)
    case 'boot_partition':
      return joined(`root=UUID=${plan.disk ?? ''} ro text`, parameters)
    case 'boot_anaconda':
      return joined('text', parameters, anacondaParameters(machine, plan, site))
    case 'boot_iso':
    case 'boot_whole_disk':
    case 'boot_iscsi':
      return parameters
    default:
      return plan.entry satisfies never
  }
}

/** A tenant may write instance_info after the plan was made and checked. */
function deployKey({ instanceInfo }: Machine): string {
  const key = instanceInfo?.['deploy_key']
  return typeof key === 'string' && /^[\w.-]+$/.test(key) ? key : ''
}

export const joined = (...words: readonly string[]): string =>
  words.filter((word) => word !== '').join(' ')

/** The names the installer asks for below a node's directory, and what is served for them. */
export const kickstartName = 'ks.cfg'
/** Where the installer looks for it below the place it is told (Anaconda's `inst.stage2`). */
export const stage2Name = 'LiveOS/squashfs.img'

function anacondaParameters({ uuid }: Machine, { kickstart }: BootPlan, site: Site): string {
  const directory = `${site.httpUrl}/${nodeDirectory(uuid)}`
  const repository = kickstart?.repository ?? null
  const source = repository === null ? `inst.stage2=${directory}` : `inst.repo=${repository}`
  return `inst.ks=${directory}/${kickstartName} ${source}`
}

/** The names kernel and ramdisk are served under. */
export function bootLabels({ images }: BootPlan): { kernel: string; ramdisk: string } {
  const prefix = ['deploy_', 'rescue_'].find((one) => `${one}kernel` in images) ?? ''
  return { kernel: `${prefix}kernel`, ramdisk: `${prefix}ramdisk` }
}
