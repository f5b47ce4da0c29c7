import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'
import { bootLabels, joined, kernelParameters } from './parameters.js'

/** Configuration of PXELINUX (https://wiki.syslinux.org/wiki/index.php?title=Config). */
export function pxelinuxConfig(machine: Machine, plan: BootPlan, site: Site): string {
  if (plan.entry === 'boot_whole_disk') return bootsDisk(plan.disk ?? '')
  const { kernel, ramdisk } = bootLabels(plan)
  const at = (label: string) => `${nodeDirectory(machine.uuid)}/${label}`
  const words = joined(`initrd=${at(ramdisk)}`, kernelParameters(machine, plan, site))
  return config(
    `kernel ${at(kernel)}`,
    `append ${words}`,
    // 2 adds the interface (BOOTIF), and 1 its addresses, which the ramdisk of 2015 needs.
    `ipappend ${plan.classic ? 3 : 2}`,
  )
}

/** For an enrolled machine that has nothing to boot from the network. */
export const localPxelinux = (): string => config('localboot 0')

/** By the identifier in its MBR, or the GUID of its GPT (https://wiki.syslinux.org/wiki/index.php?title=Comboot/chain.c32). */
function bootsDisk(identifier: string): string {
  if (identifier === '') return localPxelinux()
  const kind = identifier.startsWith('0x') ? 'mbr' : 'guid'
  return config('com32 chain.c32', `append ${kind}:${identifier}`)
}

const config = (...lines: readonly string[]): string =>
  `default ferric\nprompt 0\n\nlabel ferric\n${lines.map((line) => `  ${line}\n`).join('')}`
