# Sourced by what runs in a booted Debian: guestnet's package and what it has running.
# shellcheck shell=bash

install_package() {
  apt-get install -y --no-install-recommends --allow-downgrades "$PWD/$1" >apt.log 2>&1 || { tail -20 apt.log; return 1; }
}
main_pid() { systemctl show -p MainPID --value "$1"; }
is_up() { systemctl is-active --quiet "$1"; }
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
# Of all that is to go on, whatever happens to the agent.
daemons() { cat /run/guestnet/kea/*/run/*.pid /run/guestnet/bird/bird.pid /run/guestnet/advertiser/pid 2>/dev/null | tr '\n' ' '; }
