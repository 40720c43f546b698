import type { FastAnnouncerImport, ImportedGuest, ImportedNetwork } from './import.ts'

/** For people: what to put into the policy, then guest by guest what to do; comments say what needs a look. */
export function renderImport({ table, networks, notes, guests, remarks }: FastAnnouncerImport): string {
  const isDone = ({ ipconfig, routes, remarks: own }: ImportedGuest) =>
    ipconfig.length === 0 && routes.length === 0 && own.length === 0
  const done = guests.filter(isDone)
  return [
    '# The policy, /etc/pve/guestnet.yaml:',
    ...remarks.map(remark => `# ${remark}`),
    'announce:',
    `  table: ${table}`,
    ...(notes === 'off'
      ? []
      : [`  notes: ${notes} # whoever may edit a guest’s Notes can have prefixes announced`]),
    '  networks:',
    ...networks.flatMap(renderNetwork),
    ...guests.filter(guest => !isDone(guest)).flatMap(renderGuest),
    ...(done.length === 0 ? [] : ['', `# Nothing to do for ${done.map(({ vmid }) => vmid).join(', ')}.`]),
  ].join('\n')
}

function renderNetwork({ bridge, tag, device, prefixes }: ImportedNetwork): string[] {
  return [
    `    - bridge: ${bridge}`,
    ...(tag === undefined ? [] : [`      tag: ${tag}`]),
    ...(device === undefined ? [] : [`      device: ${device}`]),
    '      prefixes:',
    ...prefixes.map(prefix => `        - ${quotedIfNeeded(prefix)}`),
  ]
}

/** A colon means something in YAML. */
function quotedIfNeeded(text: string): string {
  return text.includes(':') ? `"${text}"` : text
}

function renderGuest(guest: ImportedGuest): string[] {
  const { vmid, name, remarks, routes } = guest
  const notes = ['```guestnet', 'routes:', ...routes.map(route => `  - ${quotedIfNeeded(route)}`), '```']
  return [
    '',
    `# Guest ${vmid}${name === undefined ? '' : ` (${name})`}:`,
    ...remarks.map(remark => `# ${remark}`),
    ...renderIpconfig(guest),
    ...(routes.length === 0 ? [] : ['# in its Notes:', ...notes]),
  ]
}

function renderIpconfig({ type, nic, ipconfig }: ImportedGuest): string[] {
  if (ipconfig.length === 0) return []
  const key = type === 'lxc' ? `net${nic}` : `ipconfig${nic}`
  return [`# added to ${key}:`, `${key}: ${ipconfig.join(',')}`]
}
