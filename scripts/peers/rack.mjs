// What the virtual rack stands on: Debian packages, and the images that tests/rack/images builds from them.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PeerError, cacheDir, locked, sh } from './cache.mjs'
import { apt } from './install.mjs'

const scripts = join(dirname(dirname(import.meta.dirname)), 'tests', 'rack', 'images')

/** A package, and a file that says it is there. */
const PACKAGES = {
  'busybox-static': '/bin/busybox',
  cpio: '/usr/bin/cpio',
  curl: '/usr/bin/curl',
  dosfstools: '/sbin/mkfs.vfat',
  e2fsprogs: '/sbin/mke2fs',
  extlinux: '/usr/bin/extlinux',
  gdisk: '/sbin/sgdisk',
  'grub-common': '/usr/bin/grub-mkstandalone',
  'grub-efi-amd64-bin': '/usr/lib/grub/x86_64-efi/linux.mod',
  iproute2: '/sbin/ip',
  ipmitool: '/usr/bin/ipmitool',
  ipxe: '/usr/lib/ipxe/snponly.efi',
  'ipxe-qemu': '/usr/lib/ipxe/qemu/efi-virtio.rom',
  kmod: '/sbin/depmod',
  mmdebstrap: '/usr/bin/mmdebstrap',
  mtools: '/usr/bin/mcopy',
  openipmi: '/usr/bin/ipmi_sim',
  ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  'python3-venv': '/usr/lib/python3/dist-packages',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  'qemu-utils': '/usr/bin/qemu-img',
  'qemu-block-extra': '/usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so',
  'squashfs-tools': '/usr/bin/mksquashfs',
  syslinux: '/usr/bin/syslinux',
  'syslinux-common': '/usr/lib/syslinux/mbr/mbr.bin',
  tgt: '/usr/sbin/tgtd',
}

async function packages() {
  if (process.getuid?.() !== 0 || !existsSync('/dev/net/tun'))
    throw new PeerError('the rack needs root and /dev/net/tun')
  const missing = Object.entries(PACKAGES).filter(([, file]) => !existsSync(file))
  if (missing.length > 0) await apt(missing.map(([name]) => name))
}

/** Changes when a script of the images changes. */
function recipe() {
  const hash = createHash('sha256')
  for (const name of readdirSync(scripts).toSorted())
    hash.update(name).update(readFileSync(join(scripts, name)))
  return hash.digest('hex')
}

async function fill(dir) {
  // An earlier kernel must not meet a later recipe.
  rmSync(dir, { recursive: true, force: true })
  for (const name of ['instance', 'bash-ramdisk', 'agent-ramdisk']) {
    const began = Date.now()
    await sh('bash', [join(scripts, `${name}.sh`), dir], { timeoutMs: 900_000 })
    process.stdout.write(`built ${name} in ${Math.round((Date.now() - began) / 1000)} s\n`)
  }
}

/** Installs the packages and builds the images unless they are there; returns the folder of the images. */
export async function rackImages() {
  await packages()
  const dir = join(cacheDir, 'rack-images')
  const marker = join(dir, '.recipe')
  await locked('rack-images', async () => {
    if (existsSync(marker) && readFileSync(marker, 'utf8') === recipe()) return
    await fill(dir)
    writeFileSync(marker, recipe())
  })
  return dir
}
