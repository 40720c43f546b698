# A working node without it.
# shellcheck shell=bash

node_with_package
check "apt removes it" apt-get remove -y guestnet
check "nothing of it runs" not pgrep -f 'kea-dhcp[46]|guestnet|/run/guestnet/bird|advertiser.pl'
check "no unit of it" equal '' "$(units 'guestnet*')"
check "no table of it" not grep guestnet <(nft list tables)
check "no link of it" not grep guestnet <(ip -o link)
check "no route of it" equal '' "$(ip route show table 100 2>/dev/null)"
[[ ! -e /run/router.pid ]] || check "the router is told nothing any more" until_true 60 not told 203.0.113.10/32
check "what the next installation needs is kept" test -d /var/lib/guestnet
[[ ! -e /run/router.pid ]] || check "the node's own network works" ping -c1 -W5 192.0.2.2
check "apt purges it" apt-get purge -y guestnet
left() {
  find / -xdev -name '*guestnet*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/etc/pve/*' -not -path '/var/log/*' -not -path '/proc/*' 2>/dev/null
  ls -d /run/guestnet* /run/netns/guestnet* 2>/dev/null
}
check "nothing is left" equal '' "$(left)"
