import type { Machine } from '../machines.js'
import { nodeDirectory } from '../node-directory.js'
import type { BootPlan } from '../plan.js'
import type { Site } from '../site.js'
import type { BootVolume } from '../volumes.js'
import { bootLabels, joined, kernelParameters } from './parameters.js'

/** Scripts for iPXE (https://ipxe.org/scripting). A script that fails ends with an exit code. */

export interface IpxeOptions {
  /** Seconds to wait for a file; 0 leaves it to iPXE. */
  readonly timeout: number
  readonly fallback: string | null
}

/** The script that loads the one of a machine, relative to itself: `pxelinux.cfg/<mac>`. */
export function chainScript(configDirectory: string, { fallback }: IpxeOptions): string {
  const at = (mac: string) => `${configDirectory}/${mac}`
  const last = fallback === null ? [] : [`chain ${fallback} ||`]
  return script(
    // Old ROMs have no arithmetic, so they only try the interface that they booted from.
    'set idx:int32 0 || goto single',
    ':next',
    'isset ${net${idx}/mac} || goto none',
    'echo Ferric: looking for ${net${idx}/mac:hexhyp}',
    `chain --replace ${at('${net${idx}/mac:hexhyp}')} ||`,
    'inc idx && goto next || goto single',
    ':single',
    `chain --replace ${at('${mac:hexhyp}')} ||`,
    ':none',
    ...last,
    'echo Ferric: nothing to boot for this machine, going on to the next boot device',
    'exit 1',
  )
}

/** The script of one machine. */
export function ipxeScript(
  machine: Machine,
  plan: BootPlan,
  site: Site,
  options: IpxeOptions & { readonly volume: BootVolume | null },
): string {
  const { volume } = options
  switch (plan.entry) {
    case 'boot_whole_disk':
      return bootDisk()
    case 'boot_iso':
      return retrying([
        `sanboot ${site.httpUrl}/${nodeDirectory(machine.uuid)}/boot_iso || goto retry`,
      ])
    case 'boot_iscsi':
      return volume === null ? bootDisk() : retrying(volumeLines(volume))
    case 'deploy':
    case 'boot_ramdisk':
    case 'boot_partition':
    case 'boot_anaconda':
      return retrying(kernelLines(machine, plan, site, options))
    default:
      return plan.entry satisfies never
  }
}

/** For an enrolled machine that has nothing to boot from the network. */
export const bootDisk = (): string => script('sanboot --no-describe --drive 0x80 || exit 1')

function kernelLines(machine: Machine, plan: BootPlan, site: Site, { timeout }: IpxeOptions) {
  const { kernel, ramdisk } = bootLabels(plan)
  const load = (verb: string) => (timeout > 0 ? `${verb} --timeout ${timeout * 1000}` : verb)
  const network = plan.classic ? 'ip=${ip}:${next-server}:${gateway}:${netmask}' : ''
  // With BIOS the kernel identifies the interface by this. With UEFI the ramdisk needs `initrd=`.
  const words = joined(
    kernelParameters(machine, plan, site),
    network,
    'BOOTIF=${mac}',
    `initrd=${ramdisk}`,
  )
  const at = (label: string) => `${site.httpUrl}/${nodeDirectory(machine.uuid)}/${label}`
  return [
    `${load('kernel')} ${at(kernel)} ${words} || goto retry`,
    `${load('initrd')} --name ${ramdisk} ${at(ramdisk)} || goto retry`,
    'boot || goto retry',
  ]
}

function volumeLines({ initiator, targets }: BootVolume): string[] {
  const login = ({ username, password }: BootVolume['targets'][number]) => [
    `set username ${username}`,
    `set password ${password}`,
  ]
  const hooks = targets.flatMap((target, i) => [
    ...login(target),
    `sanhook --drive 0x${(0x80 + i).toString(16)} ${target.urls.join(' ')} || goto retry`,
  ])
  const first = targets[0]
  return [
    ...(initiator === null ? [] : [`set initiator-iqn ${initiator}`]),
    ...hooks,
    ...(first !== undefined && targets.length > 1 ? login(first) : []),
    'sanboot --no-describe || goto retry',
  ]
}

/** Retries with growing waits, and then lets the machine boot its next device. */
const retrying = (lines: readonly string[]): string =>
  script(
    'set tries:int32 0',
    ':again',
    'imgfree',
    ...lines,
    ':retry',
    'inc tries',
    'iseq ${tries} 10 && goto fail ||',
    'echo Ferric: no success, trying again in ${tries} seconds',
    'sleep ${tries}',
    'goto again',
    ':fail',
    'echo Ferric: giving up',
    'exit 1',
  )

const script = (...lines: readonly string[]): string => `#!ipxe\n${lines.join('\n')}\n`
