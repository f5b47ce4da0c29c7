#!/bin/sh
# What udhcpc calls: takes the address of a lease.
case "$1" in
  bound | renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -n "${router:-}" ] && ip route replace default via "${router%% *}" dev "$interface"
    mkdir -p /etc
    for server in ${dns:-}; do echo "nameserver $server"; done > /etc/resolv.conf
    ;;
esac
exit 0
