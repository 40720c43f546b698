# Guests are announced, those of a VLAN as well, and the node forwards to them.
# shellcheck shell=bash

node_with_router
check "BIRD is in a unit of its own" until_true 60 is_up guestnet-bird
check "a guest in VLAN 5 behind a firewall bridge is announced" until_true 60 told 198.51.100.22/32
check "the node forwards" equal "1 1" "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | tr '\n' ' ' | sed 's/ $//')"
check "the router reaches an untagged guest" until_true 20 pings 203.0.113.10
check "the router reaches a guest in VLAN 5" until_true 20 pings 198.51.100.20
check "the router reaches one behind a firewall bridge" until_true 20 pings 198.51.100.22
cp /etc/pve/guestnet.yaml good
echo 'announce: [' >/etc/pve/guestnet.yaml
check "reloading with a policy that makes no sense fails" not systemctl reload guestnet
cat good >/etc/pve/guestnet.yaml
check "reloading with the former policy succeeds" until_true 10 systemctl reload guestnet
