#!/bin/bash
# What the machines are deployed with: a system so small that it only says on the console what it found.
#   disk.raw         a whole disk, bootable by BIOS (syslinux) and UEFI (GRUB)
#   disk.qcow2       the same, to be converted on its way
#   partition.raw    an ext4 root file system; its kernel is vmlinuz and its ramdisk instance.initramfs
. "$(dirname "$0")/common.sh"

system_tree() {
  busybox_tree "$1"
  modules "$1" virtio_pci virtio_blk virtio_net isofs vfat nls_iso8859-1 nls_ascii nls_cp437
  install -m 755 "$HERE/instance-init.sh" "$1/init"
}

efi_loader() {
  cat > "$WORK/grub.cfg" << 'CFG'
search --no-floppy --file --set=root /instance.initramfs
linux /vmlinuz console=ttyS0 rack.from=disk-uefi
initrd /instance.initramfs
boot
CFG
  grub-mkstandalone --format=x86_64-efi --output="$1" --install-modules='part_gpt fat linux normal search search_fs_file configfile' \
    --modules='part_gpt fat search search_fs_file' --locales= --fonts= --themes= "boot/grub/grub.cfg=$WORK/grub.cfg"
}

whole_disk() {
  local image=$WORK/disk.raw start=$((2048 * 512))
  truncate -s 80M "$image"
  sgdisk -n 1:2048:+72M -t 1:ef00 -c 1:boot -A 1:set:2 "$image" > /dev/null
  mkfs.vfat -F 32 -n RACK --offset 2048 "$image" $((72 * 1024)) > /dev/null
  efi_loader "$WORK/bootx64.efi"
  printf 'DEFAULT rack\nPROMPT 0\nLABEL rack\nKERNEL /vmlinuz\nINITRD /instance.initramfs\nAPPEND console=ttyS0 rack.from=disk-bios\n' > "$WORK/syslinux.cfg"
  mmd -i "$image@@$start" ::/EFI ::/EFI/BOOT
  mcopy -i "$image@@$start" "$WORK/bootx64.efi" ::/EFI/BOOT/BOOTX64.EFI
  mcopy -i "$image@@$start" "$OUT/vmlinuz" ::/vmlinuz
  mcopy -i "$image@@$start" "$OUT/instance.initramfs" ::/instance.initramfs
  mcopy -i "$image@@$start" "$WORK/syslinux.cfg" ::/syslinux.cfg
  syslinux --install --offset "$start" "$image"
  dd if=/usr/lib/syslinux/mbr/gptmbr.bin of="$image" bs=440 count=1 conv=notrunc status=none
  # The identifier that Liberty looks for at offset 440.
  printf '\x46\x45\x52\x01' | dd of="$image" bs=1 seek=440 conv=notrunc status=none
  qemu-img convert -O qcow2 "$image" "$OUT/disk.qcow2"
  mv "$image" "$OUT/disk.raw"
}

root_partition() {
  local tree=$WORK/root
  system_tree "$tree"
  mkdir -p "$tree/boot/extlinux" "$tree/sbin"
  cp "$OUT/vmlinuz" "$OUT/instance.initramfs" "$tree/boot/"
  install -m 755 "$HERE/instance-init.sh" "$tree/sbin/init"
  rm -rf "$tree/modules"
  rm -f "$OUT/partition.raw"
  # With the blocks of 1 KiB that is the default for so small a file system the kernel's extents need a tree of two
  # levels, and extlinux answers "I/O error" to one.
  mke2fs -q -t ext4 -b 4096 -O ^64bit,^metadata_csum -L rack-root -d "$tree" "$OUT/partition.raw" 64M
}

kernel
system_tree "$WORK/tree"
pack "$WORK/tree" "$OUT/instance.initramfs"
whole_disk
root_partition
