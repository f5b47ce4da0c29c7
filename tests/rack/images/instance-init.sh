#!/bin/sh
# The whole of the deployed system: says on the console where it came from and what its config drive holds.
# Runs from the initramfs; with root=UUID=… it goes to that file system and runs there again.
export PATH=/bin:/sbin
say() { echo "rack-instance: $*" > /dev/console; }
word() { for w in $(cat /proc/cmdline); do case "$w" in "$1"=*) echo "${w#*=}" ;; esac; done; }

partitions() { awk '$4 ~ /^[sv]d[a-z][0-9]*$/ { print "/dev/" $4 }' /proc/partitions; }

config_drive() {
  mkdir -p /mnt/config
  for device in $(partitions); do
    for type in iso9660 vfat; do
      mount -t "$type" -o ro "$device" /mnt/config 2> /dev/null || continue
      [ -e /mnt/config/openstack/latest/meta_data.json ] && { echo "$device"; return; }
      umount /mnt/config
    done
  done
}

if [ -e /modules/order ]; then
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  mount -t devtmpfs dev /dev
  for module in $(cat /modules/order); do insmod "/modules/$module"; done
  sleep 1
fi

root=$(word root)
if [ -e /modules/order ] && [ "${root#UUID=}" != "$root" ]; then
  for try in 1 2 3 4 5; do
    device=$(findfs "$root" 2> /dev/null) && break
    sleep 1
  done
  say "root $root on ${device:-no device}"
  mount -t ext4 "$device" /mnt && for d in proc sys dev; do mount --move /$d /mnt/$d; done && exec switch_root /mnt /sbin/init
fi

say "booted from $(word rack.from) cmdline $(cat /proc/cmdline)"
drive=$(config_drive)
if [ -n "$drive" ]; then
  say "config drive $drive"
  say "meta_data $(tr -d '\n' < /mnt/config/openstack/latest/meta_data.json)"
  [ -e /mnt/config/openstack/latest/user_data ] && say "user_data $(head -1 /mnt/config/openstack/latest/user_data)"
else
  say "no config drive"
fi
say "up"
while :; do setsid cttyhack sh; sleep 1; done < /dev/console > /dev/console 2>&1
