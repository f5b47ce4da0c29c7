#!/bin/bash
# The deploy ramdisk of the founding article's time: a bash script, busybox, and tgt for the iSCSI target.
# Leaves vmlinuz and bash.initramfs.
. "$(dirname "$0")/common.sh"

kernel
tree=$WORK/tree
busybox_tree "$tree"
modules "$tree" virtio_pci virtio_blk virtio_net nls_ascii
with_libraries "$tree" /bin/bash /usr/sbin/tgtd /usr/sbin/tgtadm /usr/bin/extlinux
install -D /usr/lib/syslinux/mbr/mbr.bin "$tree/usr/lib/syslinux/mbr/mbr.bin"
mkdir -p "$tree/var/run" "$tree/var/lib" "$tree/dev/shm"
printf 'root:x:0:0:root:/:/bin/sh\n' > "$tree/etc/passwd"
install -m 755 "$HERE/bash-init.sh" "$tree/init"
pack "$tree" "$OUT/bash.initramfs"
