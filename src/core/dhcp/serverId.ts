import type { Family } from '../values/family.ts'

/**
 * A DHCP server of this node, by its family and number: `dhcp4-1`. One Kea cannot lease the same address twice, so a second
 * one serves what collides.
 */
export type ServerId = `dhcp4-${number}` | `dhcp6-${number}`

/** `number` counts from 1. */
export function serverId(family: Family, number: number): ServerId {
  return family === 'ipv4' ? `dhcp4-${number}` : `dhcp6-${number}`
}

/** Reads a server's name; `undefined` for anything else. */
export function parseServerId(text: string): ServerId | undefined {
  return /^dhcp[46]-[1-9][0-9]{0,5}$/.test(text) ? (text as ServerId) : undefined
}

export function familyOfServer(server: ServerId): Family {
  return server.startsWith('dhcp4-') ? 'ipv4' : 'ipv6'
}

export function numberOfServer(server: ServerId): number {
  return Number(server.slice('dhcp4-'.length))
}
