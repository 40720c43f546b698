# Every guest is served: plain and firewalled, untagged and tagged on a VLAN-aware bridge, in both families.
# shellcheck shell=bash

node_with_package
check "Kea is in a unit of its own" until_true 300 is_up guestnet-kea-1
check "an untagged guest is served" is_served 100 203.0.113.10/24
check "an untagged guest behind a firewall bridge" is_served 101 203.0.113.11/24
check "a guest in VLAN 5" is_served 200 198.51.100.20/24
check "another one behind a firewall bridge" is_served 202 198.51.100.22/24
check "the same address in VLAN 6, behind a firewall bridge" is_served 201 198.51.100.20/24
check "an untagged guest is served by DHCPv6" is_served6 100 2001:db8:a::10
check "an untagged guest behind a firewall bridge" is_served6 101 2001:db8:a::11
check "a guest in VLAN 5" is_served6 200 2001:db8:5::20
check "the same address in VLAN 6, behind a firewall bridge" is_served6 201 2001:db8:5::20

check "router advertisements are in a unit of their own" until_true 300 is_up guestnet-advertiser
for vmid in 100 101 200 201; do solicit "$vmid"; done
check "a guest whose gateway is the node is told its link-local address" until_true 60 has_router 100 "$(link_local_of vmbr0)"
check "a guest behind a firewall bridge is told its gateway" until_true 60 has_router 101 fe80::1
check "a guest in VLAN 5 is told its gateway" until_true 60 has_router 200 fe80::1
check "a guest in VLAN 6 behind a firewall bridge" until_true 60 has_router 201 fe80::1
check "status finds nothing wrong" until_true 300 guestnet status
