# What each of it could do, and what it is kept from.
# shellcheck shell=bash

node_with_router
exposure() { systemd-analyze security --no-pager "$1" | sed -n 's/^→ Overall exposure level for .*: \([0-9.]*\).*/\1/p'; }
at_most() { local seen; seen=$(exposure "$1"); echo "$1: $seen"; awk -v seen="$seen" 'BEGIN { exit !(seen != "" && seen <= 4.0) }'; }
for unit in guestnet.service $(units 'guestnet-*.service'); do
  check "systemd-analyze security $unit is 4.0 or better ($(exposure "$unit"))" at_most "$unit"
done
runs_as() { equal "$1" "$(stat -c %U "/proc/$2")"; }
for program in kea-dhcp4 kea-dhcp6; do
  check "$program is confined by Debian's AppArmor profile" grep -q "^$program (enforce)" "/proc/$(pid_of $program)/attr/current"
  check "$program runs as _kea" runs_as _kea "$(pid_of $program)"
done
check "the advertiser runs as nobody" runs_as nobody "$(advertiser_pid)"
[[ ! -e /run/guestnet/bird/bird.pid ]] || check "BIRD runs as bird" runs_as bird "$(bird_pid)"
check "AppArmor denied nothing so far" not grep . <(dmesg | grep 'apparmor="DENIED"')
