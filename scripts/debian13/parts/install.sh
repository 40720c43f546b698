# The package on a bare node that has guests.
# shellcheck shell=bash

bridge_of_guests
ip address add 203.0.113.1/24 dev vmbr0
ip address add 2001:db8:a::1/64 dev vmbr0 nodad
guest 100 ip=203.0.113.10/24,gw=203.0.113.1,ip6=2001:db8:a::10/64,gw6=2001:db8:a::1
guest 101 ip=203.0.113.11/24,gw=203.0.113.1,ip6=2001:db8:a::11/64,gw6=fe80::1 ,firewall=1
guest 200 ip=198.51.100.20/24,gw=198.51.100.1,ip6=2001:db8:5::20/64,gw6=fe80::1 ,tag=5
guest 201 ip=198.51.100.20/24,ip6=2001:db8:5::20/64,gw6=fe80::1 ,tag=6,firewall=1
guest 202 ip=198.51.100.22/24,gw=198.51.100.1 ,tag=5,firewall=1

apt-get update -qq
current=guestnet_$(cat version)_all.deb
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
