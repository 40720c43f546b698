# Upgrades and downgrades, while a guest asks for its address again and again.
# shellcheck shell=bash

node_with_router
addresses=6 # that are announced
exchanges() { # until the file `enough` appears
  local tried=0 lost=0
  until [[ -e enough ]]; do
    tried=$((tried + 1))
    [[ $(lease 100) == 203.0.113.10/24 ]] || lost=$((lost + 1))
  done
  echo "$tried tried, $lost lost" >exchanges
}
none_lost() { cat exchanges; grep -q '^[1-9][0-9]* tried, 0 lost$' exchanges; }
told_at_most() { # told_at_most NUMBER: so often more than before
  local times=$(($(updates) - told_before))
  echo "$times times"
  ((times <= $1))
}
# change_to FILE WHAT UPDATES: to another version, whatever is told of it by way of BGP no more than so often.
change_to() {
  local asking version=${1#guestnet_}
  before=$(daemons) told_before=$(updates) known_before="$(withdrawals) $(sessions)"
  rm -f enough exchanges
  exchanges &
  asking=$!
  check "$2 to $1" install_package "$1"
  check "the agent is up" until_true 300 is_up guestnet
  # Until it has looked at everything as often as it has to, so that what it would do wrong is seen.
  check "status finds nothing wrong" until_true 300 guestnet status
  touch enough
  wait "$asking"
  check "the version is that of $1" equal "${version%_all.deb}" "$(guestnet --version | cut -d' ' -f1)"
  check "no exchange is lost ($(cat exchanges))" none_lost
  check "no route is withdrawn, and no session begun anew" equal "$known_before" "$(withdrawals) $(sessions)"
  check "the router is told no more than $3 times" told_at_most "$3"
}
same_daemons() {
  # shellcheck disable=SC2086
  check "Kea, BIRD and the advertiser are the same" go_on $before
}
next=guestnet_$(cat version.next)_all.deb
change_to "$next" upgrade 0
same_daemons
change_to "$current" downgrade 0
same_daemons
if [[ -e version.former ]]; then
  former=guestnet_$(cat version.former)_all.deb
  commit=$(cat version.former.commit) updates=0
  # Each address once: one that leads it another way within the node.
  [[ $(cat version.former.updates) != each ]] || updates=$addresses
  change_to "$former" "downgrade to that of $commit" $updates
  change_to "$current" "upgrade from that of $commit" $updates
fi
check "a guest is served" gets 200 198.51.100.20/24
check "a guest is served by DHCPv6" gets6 201 2001:db8:5::20
check "the router reaches a guest" until_true 20 pings 203.0.113.10
