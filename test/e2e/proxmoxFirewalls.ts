import type { LabNode } from '../../lab/node.ts'
import { macOf } from './world.ts'

/** Rules as Proxmox VE's two firewalls have them for a guest with nothing but their filters on: same chains, same hooks. */

/** `pve-firewall`: iptables and ebtables, at the firewall bridge that the guest's port is in. */
export async function loadIptablesFirewall(node: LabNode, vmid: number): Promise<void> {
  const port = `tap${vmid}i0`
  const own = `-m physdev --physdev-in ${port} --physdev-is-bridged`
  const rules = (dhcp: string) => `*filter
:PVEFW-FORWARD - [0:0]
:PVEFW-FWBR-OUT - [0:0]
:${port}-OUT - [0:0]
-A FORWARD -j PVEFW-FORWARD
-A PVEFW-FORWARD -m conntrack --ctstate INVALID -j DROP
-A PVEFW-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A PVEFW-FORWARD -m physdev --physdev-out fwln+ --physdev-is-bridged -j PVEFW-FWBR-OUT
-A PVEFW-FWBR-OUT ${own} -j ${port}-OUT
-A ${port}-OUT -p udp ${dhcp} -j ACCEPT
-A ${port}-OUT -m mac ! --mac-source ${macOf(vmid)} -j DROP
-A ${port}-OUT -j ACCEPT
COMMIT
`
  await node.run('iptables-restore', [], { input: rules('--sport 68 --dport 67') })
  await node.run('ip6tables-restore', [], { input: rules('--sport 546 --dport 547') })
  const layer2 = `*filter
:PVEFW-FORWARD ACCEPT
:${port}-OUT ACCEPT
-A FORWARD -j PVEFW-FORWARD
-A PVEFW-FORWARD -p IPv4 -j ACCEPT
-A PVEFW-FORWARD -p IPv6 -j ACCEPT
-A PVEFW-FORWARD -i ${port} -o fwln+ -j ${port}-OUT
-A ${port}-OUT -s ! ${macOf(vmid)} -j DROP
-A ${port}-OUT -j ACCEPT
`
  await node.run('ebtables-restore', [], { input: layer2 })
  await bridgesCall(node, 1)
}

/** `proxmox-firewall`: nftables, at the guest's port wherever that is. */
export async function loadNftFirewall(node: LabNode, vmid: number): Promise<void> {
  // Kernels without connection tracking for bridges lack it; Proxmox's own has it.
  const tracked = 'ether type != arp ct state vmap { established : accept, related : accept, invalid : drop }'
  const load = (rule: string) => node.attempt('nft', ['-f', '-'], { input: guestsTable(vmid, rule) })
  if ((await load(tracked)).exitCode !== 0) {
    const { exitCode, stderr } = await load('')
    if (exitCode !== 0) throw new Error(stderr)
  }
}

function guestsTable(vmid: number, tracked: string): string {
  const own = `iifname . ether saddr != { tap${vmid}i0 . ${macOf(vmid)} } drop`
  return `table inet proxmox-firewall {
  chain input { type filter hook input priority filter; policy accept; }
}
table bridge proxmox-firewall-guests {
  chain guest-${vmid}-out {
    ${own}
    ${own.replace('ether saddr', 'arp saddr ether')}
    udp sport . udp dport { 68 . 67, 546 . 547 } accept
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept
    icmpv6 type { nd-router-advert, nd-redirect } drop
    meta protocol arp accept
    accept
  }
  map vm-map-out { typeof iifname : verdict; elements = { tap${vmid}i0 : goto guest-${vmid}-out }; }
  chain vm-out {
    type filter hook prerouting priority 0; policy accept;
    ${tracked}
    iifname vmap @vm-map-out
  }
}
`
}

export async function unloadFirewalls(node: LabNode): Promise<void> {
  await bridgesCall(node, 0)
  for (const program of ['iptables', 'ip6tables', 'ebtables']) {
    await node.attempt(program, ['-F'])
    await node.attempt(program, ['-X'])
  }
  for (const table of ['inet proxmox-firewall', 'bridge proxmox-firewall-guests'])
    await node.attempt('nft', ['delete', 'table', ...table.split(' ')])
}

/** Whether what bridges carry passes by iptables, as Proxmox VE switches it on. */
export async function bridgesCall(node: LabNode, value: 0 | 1): Promise<void> {
  const settings = ['iptables', 'ip6tables'].map(program => `net.bridge.bridge-nf-call-${program}=${value}`)
  // Where the kernel has not loaded that, they do not.
  const { exitCode, stderr } = await node.attempt('sysctl', ['-qw', ...settings])
  if (value === 1 && exitCode !== 0) throw new Error(stderr)
}
