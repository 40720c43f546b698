import { expect, test } from 'vitest'
import { parseAddresses, parseMacs } from './gatewayParse.ts'

// Recorded with iproute2 6.15.0, which shows `protocol` where 6.1.0 does not; the metric is shown by both.
const ADDRESSES = `[{"ifindex":2,"ifname":"vmbr0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","operstate":"UNKNOWN","group":"0","txqlen":1000,"addr_info":[
{"family":"inet","local":"172.31.1.1","prefixlen":32,"metric":103,"scope":"0","label":"vmbr0","valid_life_time":4294967295,"preferred_life_time":4294967295},
{"family":"inet","local":"172.31.1.3","prefixlen":32,"scope":"0","protocol":"0x67","label":"vmbr0","valid_life_time":4294967295,"preferred_life_time":4294967295}]},{}]`
const LINK =
  '[{"ifindex":2,"ifname":"vmbr0","flags":["BROADCAST","UP"],"mtu":1500,"link_type":"[1]","address":"12:3A:00:69:b7:ef","broadcast":"ff:ff:ff:ff:ff:ff"}]'

test('an address is guestnet’s by the metric it came with', () => {
  expect([...parseAddresses(ADDRESSES)]).toEqual([
    [
      'vmbr0',
      [
        { address: '172.31.1.1', marked: true },
        { address: '172.31.1.3', marked: false },
      ],
    ],
  ])
})

test('each device’s hardware address is read from a list of its own', () => {
  expect([...parseMacs([LINK, '[]'])]).toEqual([['vmbr0', '12:3a:00:69:b7:ef']])
})
