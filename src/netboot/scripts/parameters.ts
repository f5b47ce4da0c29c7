import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'

/**
 * Stands in the plan for the key by which the bash ramdisk of 2015 authenticates. Only the machine
 * gets the key itself.
 */
export const deployKeyPlace = '$deploy_key'

/** Kernel parameters, without those that the boot program adds. */
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

/** A tenant may change instance_info after the plan was made and checked. */
function deployKey({ instanceInfo }: Machine): string {
  const key = instanceInfo?.['deploy_key']
  return typeof key === 'string' && /^[\w.-]+$/.test(key) ? key : ''
}

export const joined = (...words: readonly string[]): string =>
  words.filter((word) => word !== '').join(' ')

/** The names that the installer requests below a node's directory. */
export const kickstartName = 'ks.cfg'
/** The path of the second stage below the URL in Anaconda's `inst.stage2`. */
export const stage2Name = 'LiveOS/squashfs.img'

function anacondaParameters({ uuid }: Machine, { kickstart }: BootPlan, site: Site): string {
  const directory = `${site.httpUrl}/${nodeDirectory(uuid)}`
  const repository = kickstart?.repository ?? null
  const source = repository === null ? `inst.stage2=${directory}` : `inst.repo=${repository}`
  return `inst.ks=${directory}/${kickstartName} ${source}`
}

/** The names under which kernel and ramdisk are served. */
export function bootLabels({ images }: BootPlan): { kernel: string; ramdisk: string } {
  const prefix = ['deploy_', 'rescue_'].find((one) => `${one}kernel` in images) ?? ''
  return { kernel: `${prefix}kernel`, ramdisk: `${prefix}ramdisk` }
}
