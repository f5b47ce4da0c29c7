#!/bin/bash
# The deploy ramdisk with the real ironic-python-agent: Debian packages and PyPI, nothing of Ferric.
# Leaves vmlinuz and agent.initramfs: a busybox that mounts a squashed root file system and goes there.
. "$(dirname "$0")/common.sh"

PACKAGES=python3-minimal,python3-distutils,python3-lib2to3,libpython3-stdlib,busybox-static,udev,kmod,iproute2
PACKAGES+=,lshw,dmidecode,gdisk,parted,dosfstools,e2fsprogs,efibootmgr,qemu-utils,util-linux,fdisk,hdparm,mdadm
PACKAGES+=,pciutils,ethtool,login,passwd,ca-certificates,file,psmisc,bsdextrautils

root_file_system() {
  local no
  local without=()
  for no in doc man locale i18n zoneinfo bash-completion; do
    without+=(--dpkgopt="path-exclude=/usr/share/$no/*")
  done
  mmdebstrap --quiet --variant=minbase --mode=root "${without[@]}" --dpkgopt=force-unsafe-io \
    --aptopt='Apt::Install-Recommends "false"' --include="$PACKAGES" bookworm "$1"
}

# The agent for the Python of the root file system, whatever Python this machine has.
agent() {
  python3 -m venv "$WORK/pip"
  "$WORK/pip/bin/pip" install --quiet --target "$1/opt/agent" --no-compile --only-binary=:all: \
    --implementation cp --python-version 3.11 --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 \
    --platform manylinux_2_34_x86_64 --platform any ironic-python-agent
  rm -rf "$1/opt/agent/ironic_python_agent/tests"
  # By a path file and not PYTHONPATH: the agent starts Python programs of its own with a bare environment.
  echo /opt/agent > "$1/usr/lib/python3/dist-packages/agent.pth"
  # A byte-compiled tree starts much sooner on an emulated processor.
  chroot "$1" python3 -m compileall -q -j 0 /opt/agent /usr/lib/python3.11
}

trim() {
  rm -rf "$1"/var/lib/{apt,dpkg} "$1"/var/cache/* "$1"/usr/share/{doc,man,locale,zoneinfo,info,perl} "$1"/boot/* "$1"/var/log/*
  rm -rf "$1"/usr/lib/x86_64-linux-gnu/{perl,gconv} "$1"/usr/lib/udev/hwdb.* "$1"/usr/lib/python3.11/{test,idlelib,ensurepip}
}

with_kernel_modules() {
  local version
  version=$(ls "$OUT/modules")
  for part in block fs/{fat,nls,isofs,ext4,efivarfs,fuse,xfs,squashfs,overlayfs} lib crypto drivers/{block,virtio,scsi,ata,nvme,cdrom,md} \
    drivers/net/{virtio_net.ko,net_failover.ko} net/{core,packet} drivers/firmware; do
    [ -e "$OUT/modules/$version/kernel/$part" ] || continue
    mkdir -p "$1/lib/modules/$version/kernel/$(dirname "$part")"
    cp -a "$OUT/modules/$version/kernel/$part" "$1/lib/modules/$version/kernel/$part"
  done
  cp "$OUT/modules/$version"/modules.{order,builtin,builtin.modinfo} "$1/lib/modules/$version/"
  depmod -b "$1" "$version"
}

kernel
root_file_system "$WORK/root"
agent "$WORK/root"
trim "$WORK/root"
with_kernel_modules "$WORK/root"
install -m 755 "$HERE/agent-start.sh" "$WORK/root/sbin/agent-start"
install -m 755 "$HERE/agent-liberty.py" "$WORK/root/sbin/liberty-agent"
install -m 755 "$HERE/udhcpc.sh" "$WORK/root/etc/udhcpc.sh"
# The agent switches its machine off by the programs of that name; without them it has to be switched off by force.
for word in poweroff reboot; do
  printf '#!/bin/sh\nsync\nexec busybox %s -f\n' "$word" > "$WORK/root/sbin/$word"
  chmod 755 "$WORK/root/sbin/$word"
done
mkdir -p "$WORK/root/etc/ipa-rescue-config" "$WORK/root/etc/ironic-python-agent.d"

busybox_tree "$WORK/tree"
modules "$WORK/tree" loop squashfs overlay
install -m 755 "$HERE/agent-init.sh" "$WORK/tree/init"
mksquashfs "$WORK/root" "$WORK/tree/root.squashfs" -quiet -no-progress -comp zstd -Xcompression-level 6 -b 256K
pack "$WORK/tree" "$OUT/agent.initramfs" cat
