import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabNode } from './node.ts'
import type { LabProcess } from './process.ts'
import { type Wiring, wireNic } from './wiring.ts'

/** A virtual machine whose network firmware, iPXE, leases an address through a real tap. */
export class QemuGuest {
  readonly #node: LabNode
  readonly #process: LabProcess
  readonly #wiring: Wiring
  readonly #consoleFile: string

  constructor(node: LabNode, child: LabProcess, wiring: Wiring, consoleFile: string) {
    this.#node = node
    this.#process = child
    this.#wiring = wiring
    this.#consoleFile = consoleFile
  }

  /** What the machine has written to its serial console, without escape sequences. */
  console(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
    return readFileSync(this.#consoleFile, 'latin1').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
  }

  /**
   * The address, mask and gateway that iPXE says it has, once it has said all of them; about 18 s after the start, since
   * it awaits an IPv6 router.
   */
  lease(): { address: string; mask: string; gateway: string | undefined } | undefined {
    const [, address, mask, gateway] =
      /net0: ([\d.]+)\/([\d.]+)(?: gw ([\d.]+))?\s*\n/.exec(this.console()) ?? []
    return address === undefined || mask === undefined ? undefined : { address, mask, gateway }
  }

  /** Ends the machine: its tap goes with QEMU, the firewall bridge by Proxmox's hand. */
  async stop(): Promise<void> {
    await this.#process.stop()
    await this.#node.cabling.unwire([this.#wiring])
  }
}

/**
 * Boots a VM of the tree with QEMU, without KVM and without disks, on its net0. QEMU makes the tap and then, before the
 * machine runs, calls a script that wires it, as Proxmox's pve-bridge does.
 */
export async function startQemu(node: LabNode, vmid: number): Promise<QemuGuest> {
  const guest = node.configOf(vmid)
  const nic = guest.nics.find(({ index }) => index === 0)
  const bridge = nic && (await node.cabling.bridgeFor(nic))
  if (nic?.mac === undefined || bridge === undefined)
    throw new Error(`${guest.file}: net0 needs a MAC and a bridge`)
  const wiring = wireNic({ guest, nic, bridge })
  const dir = node.lab.folder('nodes', node.name, `qemu-${vmid}`)
  const console = join(dir, 'console')
  writeFileSync(console, '')
  const script = join(dir, 'pve-bridge')
  writeFileSync(script, bridgeScript(wiring), { mode: 0o755 })
  const child = node.spawn(`qemu-${vmid}`, 'qemu-system-x86_64', [
    ...['-accel', 'tcg', '-machine', 'pc,graphics=off', '-m', '64', '-nodefaults', '-display', 'none'],
    ...['-netdev', `tap,id=net0,ifname=${wiring.port},script=${script},downscript=no`],
    ...['-device', `virtio-net-pci,netdev=net0,mac=${nic.mac}`],
    ...['-boot', 'n', '-serial', `file:${console}`],
  ])
  return new QemuGuest(node, child, wiring, console)
}

function bridgeScript({ create, withoutIpv6, up }: Wiring): string {
  const switches = withoutIpv6.map(link => `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`)
  return [
    '#!/bin/sh -e',
    `ip -batch - <<'END'\n${create.join('\n')}\nEND`,
    `echo 1 | tee ${switches.join(' ')} > /dev/null`,
    `ip -batch - <<'END'\n${up.join('\n')}\nEND`,
    '',
  ].join('\n')
}
