# A guest on a bridge of Open vSwitch, with a tag: served, and guarded.
# shellcheck shell=bash

node_with_package
check "Open vSwitch runs" systemctl start openvswitch-switch
ovs-vsctl add-br vmbr1 -- add-port vmbr1 lan7 tag=7 -- set interface lan7 type=internal
ip link set vmbr1 up
ip address add 192.0.2.129/25 dev lan7
ip link set lan7 up
guest 300 ip=192.0.2.130/25,ip6=2001:db8:7::130/64 ,tag=7 vmbr1
check "it is served" is_served 300 192.0.2.130/25
check "it is served by DHCPv6" is_served6 300 2001:db8:7::130
use 300 192.0.2.130/25 192.0.2.129
ip -n g300 address add 192.0.2.199/25 dev eth0
from() { ip netns exec g300 ping -c1 -W2 -I "$1" 192.0.2.129; }
check "its packets pass" until_true 20 from 192.0.2.130
check "without the guard an address of nobody's passes, too" until_true 10 from 192.0.2.199
check "the guard is switched on" guard_on
check "with it, that does not" until_true 60 not from 192.0.2.199
check "its own still does" until_true 10 from 192.0.2.130
check "it is served with the guard on" gets 300 192.0.2.130/25
check "it is switched off" guard_off
