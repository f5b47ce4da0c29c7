#!/bin/bash
# Offers the machine's disk by iSCSI, tells the server, and waits to be told that it is done: the conversation
# of the bash deploy ramdisk with the server, written from its description.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts && mount -t tmpfs shm /dev/shm
exec > /dev/console 2>&1 < /dev/console
for module in $(cat /modules/order); do insmod "/modules/$module"; done

say() { echo "rack-ramdisk: $*"; }
word() { local w; for w in $(cat /proc/cmdline); do [ "${w%%=*}" = "$1" ] && { echo "${w#*=}"; return; }; done; }

address_from_kernel_line() {
  local given nic bootif
  given=$(word ip)
  bootif=$(word BOOTIF)
  bootif=${bootif#01-}
  bootif=${bootif//-/:}
  for nic in /sys/class/net/*; do
    [ "$(cat "$nic/address")" = "${bootif,,}" ] && NIC=${nic##*/}
  done
  NIC=${NIC:-eth0}
  ip link set lo up
  ip link set "$NIC" up
  if [ -n "$given" ]; then
    IFS=: read -r ADDRESS BOOT_SERVER gateway mask _ <<< "$given"
    ip addr add "$ADDRESS/${mask:-255.255.255.0}" dev "$NIC"
    [ -n "$gateway" ] && ip route add default via "$gateway" 2> /dev/null
  else
    udhcpc -i "$NIC" -s /etc/udhcpc.sh -n -q
    ADDRESS=$(ip -4 -o addr show dev "$NIC" | awk '{ sub("/.*", "", $4); print $4 }')
  fi
  BOOT_SERVER=${BOOT_SERVER:-$(word boot_server)}
  say "address $ADDRESS server ${BOOT_SERVER:-unknown}"
}

find_disk() {
  local name try
  for try in $(seq 20); do
    for name in $(word disk | tr ',' ' '); do
      [ -b "/dev/$name" ] && { DISK=/dev/$name; return; }
    done
    sleep 1
  done
}

start_target() {
  tgtd -d 0
  sleep 1
  tgtadm --lld iscsi --op new --mode target --tid 1 -T "$IQN" || return 1
  tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 -b "$DISK" || return 1
  tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
}

stop_target() {
  tgtadm --lld iscsi --op unbind --mode target --tid 1 -I ALL
  tgtadm --lld iscsi --op delete --mode target --tid 1 --force
  sync
}

fetch_token() {
  TOKEN=
  [ -n "$BOOT_SERVER" ] && tftp -g -r "token-$ID" -l /tmp/token "$BOOT_SERVER" 2> /dev/null && TOKEN=$(cat /tmp/token)
  say "token ${TOKEN:+found}${TOKEN:-none}" | sed "s/found.*/found/"
}

# tell PATH JSON: posts, then waits once on port 10000 for the server's word. What the post is answered is not looked at.
tell() {
  local url headers=(--header 'Content-Type: application/json' --header 'Accept: application/json')
  url=$(word ironic_api_url)/v1/nodes/$ID/vendor_passthru/$1
  [ -n "$TOKEN" ] && headers+=(--header "X-Auth-Token: $TOKEN")
  say "post $1"
  wget -q -O /dev/null "${headers[@]}" --post-data "$2" "$url" || say "post $1 was refused"
  say "waiting on port 10000"
  say "told: $(nc -l -p 10000 < /dev/null | head -c 64)"
}

# The last partition holds the root; extlinux stands where the article's ramdisk used GRUB.
install_loader() {
  local part uuid
  for try in $(seq 10); do
    blockdev --rereadpt "$DISK"
    part=$(awk -v d="${DISK##*/}" '$4 ~ "^" d "[0-9]+$" { print "/dev/" $4 }' /proc/partitions | tail -1)
    [ -n "$part" ] && break
    sleep 1
  done
  uuid=$(blkid "$part" | sed -n 's/.* UUID="\([^"]*\)".*/\1/p')
  say "root partition $part $uuid"
  mount -t ext4 "$part" /mnt && mkdir -p /mnt/boot/extlinux || return 1
  printf 'DEFAULT rack\nPROMPT 0\nLABEL rack\nKERNEL /boot/vmlinuz\nINITRD /boot/instance.initramfs\nAPPEND console=ttyS0 root=UUID=%s rack.from=local\n' \
    "$uuid" > /mnt/boot/extlinux/extlinux.conf
  extlinux --install /mnt/boot/extlinux || return 1
  umount /mnt && dd if=/usr/lib/syslinux/mbr/mbr.bin of="$DISK" bs=440 count=1 conv=notrunc && sync
}

ID=$(word deployment_id)
KEY=$(word deployment_key)
IQN=$(word iscsi_target_iqn)
[ "$(word rack_wrong_key)" ] && KEY=wrong
address_from_kernel_line
fetch_token
find_disk
error=
if [ -z "$DISK" ]; then error='no disk found'; else start_target || error='no iSCSI target'; fi
say "target $IQN on ${DISK:-no disk} ${error}"
tell pass_deploy_info "{\"address\":\"$ADDRESS\",\"key\":\"$KEY\",\"iqn\":\"$IQN\",\"error\":\"$error\"}"
stop_target
if [ "$(word boot_option)" = local ]; then
  if install_loader; then status=SUCCEEDED error=; else status=FAILED error='boot loader was not installed'; fi
  say "loader $status"
  tell pass_bootloader_install_info "{\"address\":\"$ADDRESS\",\"status\":\"$status\",\"key\":\"$KEY\",\"error\":\"$error\"}"
fi
say "rebooting"
sync
reboot -f
