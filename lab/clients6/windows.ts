import { bytesOfMac } from '../clients/frame.ts'
import type { DhcpClient6, Lease6 } from './client.ts'
import { option6 } from './message.ts'
import { RawClient6, TYPE } from './raw.ts'

/** Seconds since 2000 of the installation: Windows makes its DUID-LLT once, from the first NIC that it finds. */
const INSTALLED = 0x2a_4b_5c_6d

/**
 * Sends the options that Windows 10 is recorded to send, in their order: elapsed time, its DUID, IA_NA with an IAID that has the
 * vendor's half of the hardware address, its name (RFC 4704), vendor class 311 "MSFT 5.0", and what it wants to be told. Its
 * link-local address has a random interface identifier.
 */
export const windows6: DhcpClient6 = {
  name: 'Windows 10',
  async start(port) {
    const client = await RawClient6.open(port)
    let leased: Lease6 | undefined
    const mac = bytesOfMac(port.mac)
    const stamp = Buffer.alloc(4)
    stamp.writeUInt32BE(INSTALLED)
    const duid = Buffer.concat([Buffer.from([0, 1, 0, 1]), stamp, mac])
    const own = { duid, iaid: 0x0600_0000 + mac.readUIntBE(0, 3), from: 'fe80::9d5a:3c1e:77b2:4f08' }
    const options = [
      option6(39, Buffer.concat([Buffer.from([0, 7]), Buffer.from('WIN-LAB')])),
      option6(16, Buffer.concat([Buffer.from([0, 0, 1, 0x37, 0, 8]), Buffer.from('MSFT 5.0')])),
      option6(6, [0, 24, 0, 23, 0, 17, 0, 39]),
    ]
    const exchange = (async () => {
      const offered = await client.ask(TYPE.solicit, own, { options, timeoutMs: 15_000 })
      const [address] = offered?.addresses ?? []
      if (address === undefined || !offered?.server) return
      const asked = { options, address, server: offered.server, timeoutMs: 5000 }
      const given = await client.ask(TYPE.request, own, asked)
      const [taken] = given?.addresses ?? []
      if (given && taken !== undefined) leased = { address: taken, dns: given.dns, search: given.search }
    })()
    return {
      lease: () => leased,
      stop: async () => {
        await exchange
        client.close()
      },
    }
  },
}
