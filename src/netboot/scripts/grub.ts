import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'
import { bootLabels, joined, kernelParameters } from './parameters.js'

/** Configuration of GRUB 2, which loads by TFTP, or by HTTP when the firmware loaded it by HTTP. */
export function grubConfig(machine: Machine, plan: BootPlan, site: Site): string {
  if (plan.entry === 'boot_whole_disk') return localGrub()
  const { kernel, ramdisk } = bootLabels(plan)
  const at = (label: string) => `/${nodeDirectory(machine.uuid)}/${label}`
  const words = joined(kernelParameters(machine, plan, site), `boot_server=${site.tftpServer}`)
  return entry(
    `linux ${at(kernel)} ${escaped(words)} BOOTIF=01-$net_default_mac`,
    `initrd ${at(ramdisk)}`,
  )
}

/** Characters with a meaning in GRUB's shell. Within quotes fewer of them have one. */
const escaped = (text: string): string =>
  text.replace(/"[^"]*"|[^"]+/g, (part) =>
    part.replace(part.startsWith('"') ? /[$\\]/g : /[$\\;|&<>{}'#]/g, '\\$&'),
  )

/** For an enrolled machine that has nothing to boot from the network: the next boot device. */
export const localGrub = (): string => entry('exit 1')

/** The first configuration that GRUB reads. The MAC of its interface leads to the machine's own one. */
export const grubStart = (): string => 'source /grub.cfg-01-$net_default_mac\n'

const entry = (...lines: readonly string[]): string =>
  `set default=0\nset timeout=0\nmenuentry ferric {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`
