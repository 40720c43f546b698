# What may leave guests' ports, with tables such as Proxmox's firewalls have beside it.
# shellcheck shell=bash

node_with_router
# The tables, hooks and priorities of proxmox-firewall.nft; it makes them anew in one transaction, again and again.
cat >proxmox.nft <<'S'
add table inet proxmox-firewall
delete table inet proxmox-firewall
table inet proxmox-firewall {
  chain input {
    type filter hook input priority filter; policy accept;
    ct state invalid drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
  }
}
add table bridge proxmox-firewall-guests
delete table bridge proxmox-firewall-guests
table bridge proxmox-firewall-guests {
  map vm-map-out {
    typeof iifname : verdict
  }
  chain vm-out {
    type filter hook prerouting priority 0; policy accept;
    iifname vmap @vm-map-out
  }
  chain vm-in {
    type filter hook postrouting priority 0; policy accept;
    udp sport 67 udp dport 68 accept
  }
}
S
from() { ip netns exec "g$1" ping -c1 -W2 -I "$2" "$3"; }
drops() { guestnet status --output json | grep -o '"drops":.*' | grep -q "$1"; }
add_foreign() { ip -n "g$1" address add "$2" dev eth0; }

use 101 203.0.113.11/24 203.0.113.1
add_foreign 101 203.0.113.99/24
add_foreign 200 198.51.100.99/24
check "without the guard an address of nobody's passes" until_true 10 from 101 203.0.113.99 203.0.113.1
check "in VLAN 5 likewise" until_true 10 from 200 198.51.100.99 198.51.100.1
check "the kernel takes such tables" nft -f proxmox.nft
check "it is switched on" guard_on
check "the guard is there" until_true 30 nft list table netdev guestnet.guard
check "it drops" until_true 60 not from 101 203.0.113.99 203.0.113.1
check "in VLAN 5 likewise" until_true 60 not from 200 198.51.100.99 198.51.100.1
check "it tells what it dropped" until_true 60 drops ipv4
check "what is a guest's own passes" until_true 10 from 101 203.0.113.11 203.0.113.1
check "in VLAN 5 likewise" until_true 10 from 200 198.51.100.20 198.51.100.1
check "and behind a firewall bridge there" until_true 10 from 202 198.51.100.22 198.51.100.1
handles() { nft -a list table netdev guestnet.guard | grep -c handle; }
before=$(handles)
check "they come anew, as at each change" nft -f proxmox.nft
check "the guard stays as it is" equal "$before" "$(handles)"
check "a guest is served with all of that" gets 101 203.0.113.11/24
nft delete table inet proxmox-firewall
nft delete table bridge proxmox-firewall-guests
ip -n g101 address del 203.0.113.99/24 dev eth0
ip -n g200 address del 198.51.100.99/24 dev eth0
check "it is switched off" guard_off
