import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { command } from './control.ts'
import { filesInSlot, type SlotFiles } from './directories.ts'

/**
 * What Kea logs when a guest asks for its address and does not get it, with the DUID that it asks by; and the classes that
 * it is in, one of which is named by that address (`classOfAddress`).
 */
const REFUSED = /ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES duid=\[([0-9a-f:]+)\].*: .*\bholds ([0-9a-f:.]+)/

/**
 * Seconds since a lease was given or renewed: the one who asked by another IAID so soon before is the one who has it by now. Not longer,
 * since a UEFI leases twice by one DUID: first for its IP stack, and some seconds later, by another IAID, for what it boots.
 */
const FRESH = 3

/** Milliseconds between two leases of one address that are ended: a guest that changes its DUID all the time costs no more. */
const NOT_OFTENER = 1000

/** Octets of a log that are read at once: what is older has been asked again since. */
const NEWEST = 65_536

/** The class of the one guest that an address is for. */
export function classOfAddress(address: string): string {
  return `holds ${address}`
}

/**
 * Ends leases of DHCPv6 that stand in the way of their own guest. Kea leases an address to a DUID and an IAID (RFC 8415, section
 * 4.2), and to nobody else until the lease ends, not even to who has it reserved. But firmware, installer and system of one
 * machine have different ones. Kea says in its log whom it refused.
 */
export class FormerClients {
  readonly #runDir: string
  /** By slot: how far its log was read. */
  readonly #read = new Map<number, { inode: number; offset: number }>()
  /** By address, on the clock of `performance.now`. */
  readonly #ended = new Map<string, number>()

  constructor(runDir: string) {
    this.#runDir = runDir
  }

  /** The folder in which a slot's Kea logs that it refused a guest its address; `undefined`: no Kea of DHCPv6 is there. */
  logFolder(slot: number): string | undefined {
    return this.#filesOf(slot)?.log
  }

  /** Ends what stands in the way of those whom the Keas of these slots have refused since the last time. Returns how many. */
  async makeRoom(slots: readonly number[]): Promise<number> {
    let ended = 0
    for (const slot of slots) {
      const files = this.#filesOf(slot)
      if (!files) continue
      for (const [address, duid] of refusedIn(this.#newsIn(slot, files.logFile)))
        if (this.#isDue(address) && (await endFormer(files, address, duid))) {
          this.#ended.set(address, performance.now())
          ended++
        }
    }
    return ended
  }

  #filesOf(slot: number): SlotFiles | undefined {
    const files = filesInSlot(this.#runDir, slot)
    return files?.daemon.family === 'ipv6' ? files : undefined
  }

  #isDue(address: string): boolean {
    for (const [other, at] of this.#ended)
      if (performance.now() - at >= NOT_OFTENER) this.#ended.delete(other)
    return !this.#ended.has(address)
  }

  /** What a log says since it was last read; the log may be another one by now. */
  #newsIn(slot: number, logFile: string): string {
    let file: number | undefined
    try {
      file = openSync(logFile, 'r')
      const { ino: inode, size } = fstatSync(file)
      const former = this.#read.get(slot)
      const begin = former?.inode === inode && former.offset <= size ? former.offset : 0
      const from = Math.max(begin, size - NEWEST)
      const bytes = Buffer.alloc(size - from)
      readSync(file, bytes, 0, bytes.length, from)
      const whole = bytes.lastIndexOf('\n') + 1
      this.#read.set(slot, { inode, offset: from + whole })
      return bytes.toString('latin1', 0, whole)
    } catch {
      // It appears with the first line, and is renamed when it is long.
      return ''
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }
}

/** By address, the DUID that last asked for it in vain. */
function refusedIn(log: string): Map<string, string> {
  const refused = new Map<string, string>()
  for (const line of log.split('\n')) {
    const [, duid, address] = REFUSED.exec(line) ?? []
    if (duid !== undefined && address !== undefined) refused.set(address, duid)
  }
  return refused
}

/** Ends the lease of an address if another client has it than the one who asks. */
async function endFormer({ socket }: SlotFiles, address: string, duid: string): Promise<boolean> {
  try {
    const found = await command(socket, 'lease6-get', { 'ip-address': address })
    const { duid: holder, cltt } = found.arguments ?? {}
    // With a clock that was set back it was given in the future, and nothing tells how long ago.
    const age = typeof cltt === 'number' ? Date.now() / 1000 - cltt : FRESH
    const isFresh = age >= 0 && age < FRESH
    if (found.result !== 0 || (holder === duid && isFresh)) return false
    return (await command(socket, 'lease6-del', { 'ip-address': address })).result === 0
  } catch {
    // Kea ended meanwhile, and the guest asks again.
    return false
  }
}
