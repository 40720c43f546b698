import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commonOptions } from '../agent.ts'
import { DB, nameOf, RIVAL, WEB } from './cast.ts'
import type { Stage } from './stage.ts'

/** Something to try, as a line for a shell. */
export interface Suggestion {
  readonly what: string
  readonly command: string
}

/** Applies what BusyBox's client leases, as little as that takes, and leaves the machine's /etc/resolv.conf alone. */
const APPLY = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr flush dev "$interface"
ip addr add "$ip/$mask" dev "$interface"
ip -br -4 addr show dev "$interface"
`

/** Commands for somebody who wants to look around on the stage; writes the scripts they use into the lab's folder. */
export function playground({ lab, node, tree, bundle }: Stage): Suggestion[] {
  const dir = lab.folder('bin')
  const executable = (name: string, text: string) => {
    const path = join(dir, name)
    writeFileSync(path, text, { mode: 0o755 })
    return path
  }
  const inside = node.enter.join(' ')
  const options = commonOptions(node).join(' ')
  const guestnet = executable(
    'guestnet',
    `#!/bin/sh\nexec ${inside} ${process.execPath} ${bundle} "$@" ${options}\n`,
  )
  const apply = executable('apply-lease', APPLY)
  const guest = node.guest(WEB.vmid)
  return [
    { what: 'enter the node', command: `${inside} bash` },
    { what: 'ask the agent', command: `${guestnet} status` },
    {
      what: `edit the address of ${nameOf(WEB)}`,
      command: `sed -i 's|ip=[0-9./]*|ip=192.0.2.99/24|' ${tree.find(WEB.vmid).path}`,
    },
    {
      what: `let ${nameOf(WEB)} lease`,
      command: `ip netns exec ${guest.netns} busybox udhcpc -f -q -n -i eth0 -s ${apply}`,
    },
    {
      what: `let ${nameOf(RIVAL)} want the address that ${nameOf(DB)} has`,
      command: `sed -i 's|ip=[0-9./]*|ip=${DB.ip}|' ${tree.find(RIVAL.vmid).path}`,
    },
    { what: `look into ${nameOf(WEB)}`, command: `ip netns exec ${guest.netns} bash` },
    { what: 'read what the agent tells', command: `tail -f ${lab.logDir}/*agent.log` },
  ]
}
