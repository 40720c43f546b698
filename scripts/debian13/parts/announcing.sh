# Guests are announced, those of a VLAN as well, and the node forwards to them.
# shellcheck shell=bash

router up0
ip address add 192.0.2.1/24 dev up0
ip address add 2001:db8:ffff::1/64 dev up0 nodad
ip link add link vmbr0 name vmbr0.5 type vlan id 5
bridge vlan add dev vmbr0 vid 5 self
ip address add 198.51.100.1/24 dev vmbr0.5
ip link set vmbr0.5 up
start_router
cat >/etc/pve/guestnet.yaml <<'S'
announce:
  table: 100
  sysctl: true
  networks:
    - { bridge: vmbr0, prefixes: [203.0.113.0/24, "2001:db8:a::/64"] }
    - { bridge: vmbr0, tag: 5, prefixes: [198.51.100.0/24] }
bgp:
  as: 65001
  peers:
    - { name: four, address: 192.0.2.2, as: 65000 }
    - { name: six, address: "2001:db8:ffff::2", as: 65000 }
S
check "the policy is read anew" systemctl reload guestnet
check "BIRD is in a unit of its own" until_true 60 is_up guestnet-bird
check "a guest is announced" until_true 90 told 203.0.113.10/32
check "its IPv6 address is" until_true 90 told 2001:db8:a::10/128
check "a guest in VLAN 5 is announced" until_true 30 told 198.51.100.20/32
check "another one behind a firewall bridge" until_true 30 told 198.51.100.22/32
check "the node forwards" equal "1 1" "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | tr '\n' ' ' | sed 's/ $//')"
use 100 203.0.113.10/24 203.0.113.1
use 200 198.51.100.20/24 198.51.100.1
use 202 198.51.100.22/24 198.51.100.1
check "the router reaches an untagged guest" until_true 20 pings 203.0.113.10
check "the router reaches a guest in VLAN 5" until_true 20 pings 198.51.100.20
check "the router reaches one behind a firewall bridge" until_true 20 pings 198.51.100.22
cp /etc/pve/guestnet.yaml good
echo 'announce: [' >/etc/pve/guestnet.yaml
check "reloading with a policy that makes no sense fails" not systemctl reload guestnet
cat good >/etc/pve/guestnet.yaml
check "reloading with the former policy succeeds" until_true 10 systemctl reload guestnet
