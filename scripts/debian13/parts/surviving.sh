# What goes on when something ends.
# shellcheck shell=bash

node_with_router
before=$(daemons) told_before="$(updates) $(withdrawals) $(sessions)"
agent=$(main_pid guestnet)
new_agent() { local pid; pid=$(main_pid guestnet); [[ $pid != 0 && $pid != "$agent" ]] && is_up guestnet; }
nothing_else_changed() {
  # shellcheck disable=SC2086
  check "Kea, BIRD and the advertiser are the same" go_on $before
  check "the router has been told nothing meanwhile" equal "$told_before" "$(updates) $(withdrawals) $(sessions)"
}
kill -KILL "$agent"
check "an agent that is killed is started again" until_true 300 new_agent
nothing_else_changed
agent=$(main_pid guestnet)
kill -STOP "$agent"
check "a guest is served while the agent hangs" gets 100 203.0.113.10/24
check "an agent that hangs is started again by the watchdog" until_true 600 new_agent
nothing_else_changed
check "restarting by hand" systemctl restart guestnet
nothing_else_changed

# replaced PID COMMAND...: the process with that number is ended, and what the command tells is another one then.
replaced() {
  local former=$1
  shift
  kill -KILL "$former"
  until_true 90 another "$former" "$@"
}
another() {
  local former=$1 now
  shift
  now=$("$@") && [[ -n $now && $now != "$former" && -d /proc/$now ]] || { echo "$former, now $now"; return 1; }
}
check "a DHCPv4 Kea that is killed is replaced" replaced "$(pid_of kea-dhcp4)" pid_of kea-dhcp4
check "the guest is served" is_served 100 203.0.113.10/24
check "a DHCPv6 Kea that is killed is replaced" replaced "$(pid_of kea-dhcp6)" pid_of kea-dhcp6
check "the guest is served" is_served6 100 2001:db8:a::10
check "an advertiser that is killed is replaced" replaced "$(advertiser_pid)" advertiser_pid
solicit 200
check "the guest is told its gateway" until_true 60 has_router 200 fe80::1
check "a BIRD that is killed is replaced" replaced "$(bird_pid)" bird_pid
check "the guest is announced" until_true 90 told 203.0.113.10/32
check "status finds nothing wrong" until_true 300 guestnet status

check "the journal has a line for each change, found by guest" grep -q 'kind=change vmid=100' <(journalctl -u guestnet -p info -o cat)
check "of that priority" grep -q 'kind=agent' <(journalctl -u guestnet -p notice -o cat)
lines() { journalctl -u guestnet -o cat | wc -l; }
# silent_for SECONDS: whether so long passed without a line, sooner or later.
silent_for() {
  local seen deadline
  seen=$(lines) deadline=$((SECONDS + $1))
  while ((SECONDS < deadline)); do sleep 0.5; done
  equal "$seen" "$(lines)"
}
check "it is silent when nothing changes" until_true 120 silent_for 10
