import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'
import { bootLabels, joined, kernelParameters } from './parameters.js'

/** Configuration of GRUB 2, over TFTP or, where the firmware loaded it by HTTP, over HTTP. */
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

/** What GRUB's shell would read as more than words; within quotes it looks for less. */
const escaped = (text: string): string =>
  text.replace(/"[^"]*"|[^"]+/g, (part) =>
    part.replace(part.startsWith('"') ? /[$\\]/g : /[$\\;|&<>{}'#]/g, '\\$&'),
  )

/** For a machine that is ours but has nothing to boot from the network: to the next boot device. */
export const localGrub = (): string => entry('exit 1')

/** What GRUB reads first; its own interface's MAC leads to the machine's configuration. */
export const grubStart = (): string => 'source /grub.cfg-01-$net_default_mac\n'

const entry = (...lines: readonly string[]): string =>
  `set default=0\nset timeout=0\nmenuentry ferric {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`
