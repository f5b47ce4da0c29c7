#!/bin/bash
# Process 1 of the agent ramdisk: devices, an address, the agent; after a rescue, a login on the console.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root
say() { echo "rack-agent: $(cut -d' ' -f1 /proc/uptime) $*"; }

mkdir -p /dev/pts /dev/shm /run/lock /run/udev
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t tmpfs shm /dev/shm
[ -d /sys/firmware/efi ] && modprobe efivarfs && mount -t efivarfs efivarfs /sys/firmware/efi/efivars
/lib/systemd/systemd-udevd --daemon
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add
modprobe -a virtio_pci virtio_net virtio_blk vfat iso9660 sr_mod cdrom 2> /dev/null
udevadm settle --timeout=60
hostname rack-agent
ip link set lo up
for nic in /sys/class/net/*; do
  name=$(basename "$nic")
  [ "$name" = lo ] && continue
  ip link set "$name" up
  busybox udhcpc -i "$name" -s /etc/udhcpc.sh -t 10 -T 3 -n -q
done
say "address $(ip -4 -o addr show scope global | awk '{ print $2, $4 }' | tr '\n' ' ')"

cat > /etc/ironic-python-agent.d/rack.conf << 'CONF'
[DEFAULT]
log_file = /var/log/agent.log
CONF
mkdir -p /var/log
: > /var/log/agent.log
tail -F /var/log/agent.log > /dev/console 2> /dev/null &
# Servers of the Liberty release name the driver on the kernel line; that agent speaks another protocol.
if grep -q 'ipa-driver-name=' /proc/cmdline; then
  say "starting the Liberty agent"
  while :; do python3 /sbin/liberty-agent > /dev/console 2>&1; sleep 2; done
fi
say "starting the agent"
# The agent ends by itself only after a rescue; on any other end it is started again, as a service manager would.
while [ ! -e /etc/ipa-rescue-config/ipa-rescue-password ]; do
  python3 -c 'from ironic_python_agent.cmd.agent import run; run()' \
    --config-dir /etc/ironic-python-agent.d > /dev/console 2>&1
  sleep 2
done

say "rescued"
useradd --create-home --shell /bin/bash rescue
usermod --password "$(cat /etc/ipa-rescue-config/ipa-rescue-password)" rescue
rm /etc/ipa-rescue-config/ipa-rescue-password
while :; do setsid agetty --noclear 115200 ttyS0 vt100; done
