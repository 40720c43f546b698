# Sourced by what tests in containers of LXC: promises, and what has to be true sooner or later. Ends at the first promise broken.
# shellcheck shell=bash
export LC_ALL=C.UTF-8
work=$(mktemp -d)
passed=0

# check NAME COMMAND...: one promise.
check() {
  "${@:2}" >"$work/said" 2>&1 || {
    echo "✗ $1"
    tail -60 "$work/said"
    exit 1
  }
  passed=$((passed + 1))
  echo "✓ $1"
}
not() { ! "$@"; }
equal() { [[ $1 == "$2" ]] || { echo "wanted $1, got $2"; return 1; }; }
# eventually SECONDS COMMAND...: polls until it is true.
eventually() {
  local deadline=$((SECONDS + $1))
  until "${@:2}"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}
verdict() { echo "$passed passed, 0 failed"; }

# leased NAMESPACE: the address that a client in it is given.
# shellcheck disable=SC2016 # expanded by that script
printf '#!/bin/sh\n[ "$1" = bound ] && echo "$ip"\nexit 0\n' >"$work/lease"
chmod 755 "$work/lease"
leased() { ip netns exec "$1" busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 -s "$work/lease" 2>/dev/null; }

# config DEBIAN CHANGED PVE NAME: what lxc.container.conf(5) has of a container with the network it is started in.
config() {
  cat <<C
lxc.rootfs.path = overlayfs:$1:$2
lxc.uts.name = $4
lxc.net.0.type = none
lxc.mount.auto = proc:rw sys:mixed cgroup:mixed
lxc.mount.entry = $3 etc/pve none bind,create=dir 0 0
lxc.tty.max = 0
lxc.pty.max = 16
C
}
