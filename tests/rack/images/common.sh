# What the image scripts share. Sourced by them; needs root on Debian.
#   usage: SCRIPT OUTPUT_DIR       every script leaves its files in OUTPUT_DIR
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=$(mkdir -p "$1" && cd "$1" && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/ferric-rack-build.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

# Debian's kernel for virtual machines, taken out of its package once: OUT/vmlinuz and OUT/modules.
kernel() {
  [ -e "$OUT/vmlinuz" ] && return 0
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-6.*\)/\1/p')
  (cd "$WORK" && apt-get -q download "$package" && dpkg-deb -x "$package"_*.deb kernel)
  depmod -b "$WORK/kernel" "$(ls "$WORK/kernel/lib/modules")"
  rm -rf "$OUT/modules" && mkdir "$OUT/modules"
  cp -a "$WORK/kernel/lib/modules/." "$OUT/modules/"
  cp "$WORK"/kernel/boot/vmlinuz-* "$OUT/vmlinuz"
}

# modules TREE NAME...: the named modules and what they need, flat under TREE/modules, with the order to load
# them in TREE/modules/order. No modprobe is needed to load them.
modules() {
  local tree=$1 base version
  shift
  version=$(ls "$OUT/modules")
  base=$WORK/modules-base
  mkdir -p "$base/lib" "$tree/modules"
  ln -sfn "$OUT/modules" "$base/lib/modules"
  for name in "$@"; do
    # Empty for what is built in.
    modprobe -d "$base" -S "$version" --show-depends "$name" | awk '$1 == "insmod" { print $2 }'
  done | awk '!seen[$0]++' | while read -r path; do
    cp "$path" "$tree/modules/"
    basename "$path" >> "$tree/modules/order"
  done
}

# The static busybox, taken out of its package once: OUT/busybox. The one of this machine may need libraries.
busybox() {
  [ -e "$OUT/busybox" ] && return 0
  (cd "$WORK" && apt-get -q download busybox-static && dpkg-deb -x busybox-static_*.deb busybox-static)
  cp "$WORK/busybox-static/bin/busybox" "$OUT/busybox"
}

# busybox_tree TREE: a tree with the static busybox and its names.
busybox_tree() {
  local tree=$1
  mkdir -p "$tree"/{bin,sbin,dev,proc,sys,tmp,run,etc,mnt,usr/bin,usr/sbin}
  busybox
  cp "$OUT/busybox" "$tree/bin/busybox"
  for name in $("$OUT/busybox" --list | grep -vx busybox); do ln -s busybox "$tree/bin/$name"; done
  cp "$HERE/udhcpc.sh" "$tree/etc/udhcpc.sh"
  chmod 755 "$tree/etc/udhcpc.sh"
}

# with_libraries TREE PROGRAM...: copies programs of this machine and the libraries they load.
with_libraries() {
  local tree=$1 program
  shift
  for program in "$@"; do
    install -D "$program" "$tree$program"
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
      [ -e "$tree$library" ] || install -D "$library" "$tree$library"
    done
  done
}

# pack TREE FILE: the tree as an initramfs.
pack() {
  (cd "$1" && find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet) | ${3:-gzip -1} > "$2.part"
  mv "$2.part" "$2"
}
