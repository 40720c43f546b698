# Sourced by what runs in a booted Debian: a node with guestnet's package, what it has running, and what several parts take for
# granted, so that each part can be run by itself.
# shellcheck shell=bash

current=guestnet_$(cat version)_all.deb

install_package() {
  apt-get install -y --no-install-recommends --allow-downgrades "$PWD/$1" >apt.log 2>&1 || { tail -20 apt.log; return 1; }
}
main_pid() { systemctl show -p MainPID --value "$1"; }
is_up() { systemctl is-active --quiet "$1" || { systemctl status --no-pager --lines=5 "$1"; return 1; }; }
units() { systemctl list-units --plain --no-legend "$1" | cut -d' ' -f1; }
# Of the first Kea of a family that is alive.
pid_of() {
  local file pid
  for file in /run/guestnet/kea/*/run/"$1"."$1".pid; do
    pid=$(cat "$file" 2>/dev/null) && [[ -d /proc/$pid ]] && echo "$pid"
  done | sort -n | head -1
}
advertiser_pid() { cat /run/guestnet/advertiser/pid; }
bird_pid() { cat /run/guestnet/bird/bird.pid; }
# All that is to go on, whatever happens to the agent.
daemons() { cat /run/guestnet/kea/*/run/*.pid /run/guestnet/bird/bird.pid /run/guestnet/advertiser/pid 2>/dev/null | sort | tr '\n' ' '; }
# Whether each of these runs. Another may have come: a spare Kea is started when there is time for it.
go_on() { # go_on PID...
  local pid
  for pid; do [[ -d /proc/$pid ]] || { echo "$pid does not run any more; now there are $(daemons)"; return 1; }; done
}

# --- what parts begin with ------------------------------------------------------------------------------------------------

# Guests plain and firewalled, untagged and in two VLANs, in one of which is an address that is in the other, too.
node_with_guests() {
  [[ ! -e /sys/class/net/vmbr0 ]] || return 0
  bridge_of_guests
  ip address add 203.0.113.1/24 dev vmbr0
  ip address add 2001:db8:a::1/64 dev vmbr0 nodad
  guest 100 ip=203.0.113.10/24,gw=203.0.113.1,ip6=2001:db8:a::10/64,gw6=2001:db8:a::1
  guest 101 ip=203.0.113.11/24,gw=203.0.113.1,ip6=2001:db8:a::11/64,gw6=fe80::1 ,firewall=1
  guest 200 ip=198.51.100.20/24,gw=198.51.100.1,ip6=2001:db8:5::20/64,gw6=fe80::1 ,tag=5
  guest 201 ip=198.51.100.20/24,ip6=2001:db8:5::20/64,gw6=fe80::1 ,tag=6,firewall=1
  guest 202 ip=198.51.100.22/24,gw=198.51.100.1 ,tag=5,firewall=1
}

node_with_package() {
  node_with_guests
  [[ -x /usr/bin/guestnet ]] || check "apt installs $current" install_package "$current"
  [[ -n ${is_served_already:-} ]] || check "a guest is served" is_served 100 203.0.113.10/24
  is_served_already=yes
}

# A router at the other end of a link, and a policy by which it is told guests of both networks.
node_with_router() {
  node_with_package
  [[ ! -e /run/router.pid ]] || return 0
  router up0
  ip address add 192.0.2.1/24 dev up0
  ip address add 2001:db8:ffff::1/64 dev up0 nodad
  ip link add link vmbr0 name vmbr0.5 type vlan id 5
  bridge vlan add dev vmbr0 vid 5 self
  ip address add 198.51.100.1/24 dev vmbr0.5
  ip link set vmbr0.5 up
  start_router 1
  cat >/etc/pve/guestnet.yaml <<'P'
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
P
  check "the policy is read anew" systemctl reload guestnet
  for one in 203.0.113.10/32 2001:db8:a::10/128 198.51.100.20/32; do check "the router is told $one" until_true 120 told $one; done
  use 100 203.0.113.10/24 203.0.113.1
  use 101 203.0.113.11/24 203.0.113.1
  use 200 198.51.100.20/24 198.51.100.1
  use 202 198.51.100.22/24 198.51.100.1
}

guard_on() {
  grep -qs '^guard:' /etc/pve/guestnet.yaml || printf 'guard:\n  mode: on\n' >>/etc/pve/guestnet.yaml
  systemctl reload guestnet
}
guard_off() {
  sed -i '/^guard:/,$d' /etc/pve/guestnet.yaml
  systemctl reload guestnet
}
