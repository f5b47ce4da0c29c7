// What the virtual rack stands on: Debian packages, and the images that tests/rack/images builds from them.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PeerError, cacheDir, locked, sh } from './cache.mjs'
import { apt } from './install.mjs'

const scripts = join(dirname(dirname(import.meta.dirname)), 'tests', 'rack', 'images')

/** A package, and a file that says it is there. */
const PACKAGES = {
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
  pxelinux: '/usr/lib/PXELINUX/pxelinux.0',
  'python3-venv': '/usr/lib/python3.11/ensurepip/__init__.py',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  'qemu-utils': '/usr/bin/qemu-img',
  'qemu-block-extra': '/usr/lib/x86_64-linux-gnu/qemu/block-iscsi.so',
  radvd: '/usr/sbin/radvd',
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

/** What is built, by the beginning of its scripts' names; all use the common ones. */
const IMAGES = ['instance', 'bash', 'agent']
const COMMON = ['common.sh', 'udhcpc.sh']

/** Changes when a script that makes the image changes. */
function recipe(image) {
  const hash = createHash('sha256')
  const mine = (name) => COMMON.includes(name) || name.startsWith(`${image}-`)
  for (const name of readdirSync(scripts).filter(mine).toSorted())
    hash.update(name).update(readFileSync(join(scripts, name)))
  return hash.digest('hex')
}

async function ensure(image, dir) {
  const marker = join(dir, `.${image}`)
  if (existsSync(marker) && readFileSync(marker, 'utf8') === recipe(image)) return
  const began = Date.now()
  await sh('bash', [join(scripts, `${image}-build.sh`), dir], { timeoutMs: 900_000 })
  writeFileSync(marker, recipe(image))
  process.stdout.write(`built ${image} in ${Math.round((Date.now() - began) / 1000)} s\n`)
}

/** Installs the packages and builds the images unless they are there; returns the folder of the images. */
export async function rackImages() {
  await packages()
  const dir = join(cacheDir, 'rack-images')
  await locked('rack-images', async () => {
    for (const image of IMAGES) await ensure(image, dir)
  })
  return dir
}
