import { Capture } from '../../capture.ts'
import { withRawClient } from '../../clients/raw.ts'
import { startUdhcpd } from '../../udhcpd.ts'
import type { Act } from '../act.ts'
import { addressIn, CAST, introductionOf, macOf, type Role, STRANGER } from '../cast.ts'
import { takeLease, tellTaken } from '../lease.ts'

/** What the other DHCP service would give a guest. */
const foreignAddressOf = ({ vmid }: Role) => `198.51.100.${vmid}`

export const quiet: Act = {
  heading:
    'Another DHCP service is on the LAN: it never hears a served guest, and serves the others undisturbed',
  async play({ stage, tell }) {
    const { lan, node } = stage
    await lan.ip([`addr add 198.51.100.1/24 dev ${lan.link}`])
    const everyone = [...CAST, STRANGER]
    const server = startUdhcpd(lan, {
      link: lan.link,
      reservations: Object.fromEntries(everyone.map(role => [macOf(role), foreignAddressOf(role)])),
      options: ['subnet 255.255.255.0'],
    })
    tell.say(`it would give ${everyone.length} guests addresses of its own; tcpdump listens on the LAN`)
    const capture = await Capture.start(lan, lan.link, 'port 67 or (vlan and port 67)')
    const told = await Promise.all(
      CAST.map(({ vmid }) => withRawClient(node.guest(vmid).port(), client => client.exchange())),
    )
    const right = told.filter((lease, index) => lease?.address === addressIn(CAST[index]?.ip ?? ''))
    tell.expect(
      `${right.length} of ${CAST.length} served guests asked again and were told their own address`,
      right.length === CAST.length,
    )

    tell.topic(`${introductionOf(STRANGER)}, so none of guestnet’s`)
    stage.configure(STRANGER)
    await node.start(STRANGER.vmid)
    const taken = await takeLease(stage, STRANGER)
    tellTaken(tell, { ...taken, ip: `${foreignAddressOf(STRANGER)}/24` })

    const frames = await capture.stop()
    const framesOf = (role: Role) => frames.filter(frame => frame.includes(macOf(role))).length
    const heard = CAST.reduce((sum, role) => sum + framesOf(role), 0)
    tell.expect(
      `DHCP frames on the LAN: ${framesOf(STRANGER)} of VM ${STRANGER.vmid}, ${heard} of served guests`,
      heard === 0 && framesOf(STRANGER) > 0,
    )
    await server.stop()
    await node.stop(STRANGER.vmid)
    stage.tree.remove(STRANGER.vmid)
  },
}
