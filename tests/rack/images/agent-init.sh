#!/bin/sh
# First program of the agent ramdisk: a writable root over the squashed file system, then the agent's start.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec > /dev/console 2>&1
for module in $(cat /modules/order); do insmod "/modules/$module"; done
mkdir -p /lower /over /root
mount -t squashfs -o loop,ro /root.squashfs /lower
mount -t tmpfs over /over
mkdir /over/upper /over/work
mount -t overlay -o lowerdir=/lower,upperdir=/over/upper,workdir=/over/work root /root
mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
exec chroot /root /sbin/agent-start
