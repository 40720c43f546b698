# The package on a bare node that has guests.
# shellcheck shell=bash

node_with_guests
apt-get update -qq
check "apt installs $current with what it needs" install_package "$current"
check "apt complains of nothing" not grep -E '^(E:|dpkg: error|Job for |Failed to |invoke-rc.d: )' apt.log
check "installing tells what is served" grep -q 'guest100\|5 guests\|VM 100' apt.log
check "installing tells of other DHCP servers" grep -q 'DHCP servers' apt.log
for service in kea-dhcp4-server kea-dhcp6-server bird; do
  check "$service is not started by our doing" not is_up "$service"
  check "$service is not enabled by our doing" not systemctl is-enabled --quiet "$service"
done
check "guestnet --version tells version and commit" grep -qE '^[0-9.]+ \(commit [0-9a-f]{12}' <(guestnet --version)
check "the man pages are there" test -s /usr/share/man/man8/guestnet.8.gz -a -s /usr/share/man/man5/guestnet.yaml.5.gz
check "the agent is up" is_up guestnet
