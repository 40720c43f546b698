# Sourced by what runs in a booted Debian: promises, guests' ports as Proxmox makes them, DHCP clients, a router.
# shellcheck shell=bash
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
failed=0 passed=0

# check NAME COMMAND...: one promise.
check() {
  local name=$1 began=$SECONDS said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "✓ $name ($((SECONDS - began)) s)"
  else
    failed=$((failed + 1))
    printf '✗ %s (%s s)\n%s\n' "$name" $((SECONDS - began)) "$said" | head -40
  fi
}

# until_true SECONDS COMMAND...: polls; shows the last try where it stays false.
until_true() {
  local deadline=$((SECONDS + $1)) said
  shift
  until said=$("$@" 2>&1); do
    ((SECONDS < deadline)) || {
      echo "$* stayed false: $said"
      return 1
    }
    sleep 0.2
  done
}

not() { ! "$@"; }
equal() { [[ $1 == "$2" ]] || { echo "wanted $1, got $2"; return 1; }; }

verdict() {
  ((failed == 0)) || journalctl -u 'guestnet*' --no-pager -o short-monotonic | tail -80
  echo "$passed passed, $failed failed"
  return $((failed > 0))
}

# --- guests ---------------------------------------------------------------------------------------------------------------

node=$(hostname)
configs=/etc/pve/nodes/$node/qemu-server

mac_of() { printf '52:54:00:00:%02x:%02x' $(($1 / 100)) $(($1 % 100)); }

# configure VMID IPCONFIG [,tag=N][,firewall=1] [BRIDGE]: a guest's configuration.
configure() {
  printf 'name: guest%s\nipconfig0: %s\nnet0: virtio=%s,bridge=%s%s\n' "$1" "$2" "$(mac_of "$1")" "${4:-vmbr0}" "${3:-}" >"$configs/$1.conf"
}

# join BRIDGE LINK [TAG]: as Proxmox puts a guest's link on a bridge of the kernel's that knows VLANs, or on one of Open vSwitch.
join() {
  if [[ -e /sys/class/net/$1/bridge ]]; then
    ip link set "$2" master "$1"
    [[ -z ${3:-} ]] || { bridge vlan del dev "$2" vid 1-4094; bridge vlan add dev "$2" vid "$3" pvid untagged; }
  else
    ovs-vsctl add-port "$1" "$2" ${3:+tag="$3"}
  fi
}

# plug VMID [,tag=N][,firewall=1] [BRIDGE]: the guest, a network namespace, and its port, with a bridge of its own for the firewall.
plug() {
  local guest=g$1 port=tap${1}i0 tag uplink
  tag=$(grep -o 'tag=[0-9]*' <<<"${2:-}" | cut -d= -f2)
  ip netns add "$guest"
  ip link add "$port" type veth peer name eth0 netns "$guest" address "$(mac_of "$1")"
  uplink=$port
  if [[ ${2:-} == *firewall=1* ]]; then
    ip link add "fwbr${1}i0" type bridge
    ip link add "fwpr${1}p0" type veth peer name "fwln${1}i0"
    for link in "fwbr${1}i0" "fwpr${1}p0" "fwln${1}i0"; do sysctl -qw "net.ipv6.conf.$link.disable_ipv6=1"; done
    ip link set "fwbr${1}i0" up
    ip link set "fwln${1}i0" master "fwbr${1}i0" up
    ip link set "$port" master "fwbr${1}i0"
    uplink=fwpr${1}p0
  fi
  sysctl -qw "net.ipv6.conf.$port.disable_ipv6=1"
  ip link set "$uplink" up
  [[ $uplink == "$port" ]] || ip link set "$port" up
  join "${3:-vmbr0}" "$uplink" "$tag"
  ip netns exec "$guest" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0
  ip -n "$guest" link set lo up
  ip -n "$guest" link set eth0 up
}

# guest VMID IPCONFIG [,tag=N][,firewall=1] [BRIDGE]
guest() {
  configure "$@"
  plug "$1" "${3:-}" "${4:-}"
}

bridge_of_guests() {
  mkdir -p "$configs" "/etc/pve/nodes/$node/lxc"
  ip link add vmbr0 type bridge vlan_filtering 1
  ip link set vmbr0 up
}

# --- their clients --------------------------------------------------------------------------------------------------------

cat >lease.sh <<'S'
#!/bin/sh
[ "$1" = bound ] && echo "$ip/$mask"
exit 0
S
cat >lease6.sh <<'S'
#!/bin/sh
[ -z "$new_ip6_address" ] || echo "$new_ip6_address" >"$TOLD"
S
chmod 755 lease.sh lease6.sh

# Debian's profile of dhclient lets it keep its leases in one place only; guests here share the node's files.
for profile in /etc/apparmor.d/*dhclient*; do
  [[ ! -e $profile ]] || apparmor_parser --remove "$profile"
done

lease() { ip netns exec "g$1" busybox udhcpc -i eth0 -f -q -n -t 8 -T 2 -s "$PWD/lease.sh" 2>/dev/null; }
gets() { equal "$2" "$(lease "$1")"; }
is_served() { until_true 240 gets "$@"; }

lease6() {
  local told=/run/told6-$1
  rm -f "$told" "$told.leases"
  timeout 45 ip netns exec "g$1" dhclient -6 -1 -nw -D LL -e "TOLD=$told" -sf "$PWD/lease6.sh" -lf "$told.leases" -pf "$told.pid" eth0 >/dev/null 2>&1
  until_true 30 test -s "$told" >/dev/null
  kill "$(cat "$told.pid")" 2>/dev/null
  cat "$told" 2>/dev/null
}
gets6() { equal "$2" "$(lease6 "$1")"; }
is_served6() { until_true 240 gets6 "$@"; }

# Its link anew, so that it solicits routers at once.
solicit() {
  ip -n "g$1" link set eth0 down
  ip -n "g$1" link set eth0 up
}
has_router() { # has_router VMID ROUTER
  ip -n "g$1" -6 route show default | grep "via $2 .*proto ra" || { ip -n "g$1" -6 route show; return 1; }
}
link_local_of() { ip -o -6 address show dev "$1" scope link | grep -o 'fe80[^/]*' | head -1; }

# use VMID ADDRESS/LENGTH GATEWAY: what a client does with what it was told.
use() {
  ip -n "g$1" address replace "$2" dev eth0
  ip -n "g$1" route replace default via "$3" dev eth0
}

# --- a router -------------------------------------------------------------------------------------------------------------

# router LINK: in a namespace, at the other end of a link.
router() {
  ip netns add router
  ip link add "$1" type veth peer name eth0 netns router
  ip link set "$1" up
  ip netns exec router sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0 net.ipv4.ip_forward=1
  ip -n router address add 192.0.2.2/24 dev eth0
  ip -n router address add 2001:db8:ffff::2/64 dev eth0
  ip -n router link set lo up
  ip -n router link set eth0 up
}
# start_router NUMBER...: it peers with 192.0.2.NUMBER and 2001:db8:ffff::NUMBER.
start_router() {
  local number
  {
    echo 'router id 192.0.2.2;'
    echo 'log "/run/router.log" all;'
    echo 'debug protocols { states };'
    echo 'protocol device {}'
    for family in ipv4 ipv6; do echo "protocol kernel { $family { export all; }; }"; done
    for number; do
      echo "protocol bgp { local 192.0.2.2 as 65000; neighbor 192.0.2.$number as 65001; graceful restart; ipv4 { import all; export none; }; }"
      echo "protocol bgp { local 2001:db8:ffff::2 as 65000; neighbor 2001:db8:ffff::$number as 65001; graceful restart; ipv6 { import all; export none; }; }"
    done
  } >router.conf
  ip netns exec router bird -c "$PWD/router.conf" -s /run/router.ctl -P /run/router.pid
}
# told PREFIX: whether the router is.
told() { birdc -s /run/router.ctl show route all "for" "$1" | grep -q "^$1 "; }
# How often the router has been told something, and how often that a route is gone; its sessions, and how often one came up. Since
# when they are up is no measure: BIRD works it out anew each time, now and then a millisecond off.
updates() { birdc -s /run/router.ctl show protocols all | awk '/Import updates:/ {sum += $3} END {print sum + 0}'; }
withdrawals() { birdc -s /run/router.ctl show protocols all | awk '/Import withdraws:/ {sum += $3} END {print sum + 0}'; }
sessions() {
  birdc -s /run/router.ctl show protocols | awk '$2 == "BGP" {print $1, $4}' | tr '\n' ' '
  echo "came up $(grep -c 'bgp[0-9]*: State changed to up' /run/router.log) times"
}
pings() { ip netns exec router ping -c1 -W3 "$1"; }
