import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../../lab/browser.ts'
import { lease } from '../../lab/clients/client.ts'
import { udhcpc } from '../../lab/clients/udhcpc.ts'
import { arp, ETHERTYPE, ethernet } from '../../lab/ether.ts'
import { eventually } from '../../lab/eventually.ts'
import { PATIENCE } from '../../lab/patience.ts'
import { ask } from '../../src/agent/socket.ts'
import { ANNOUNCING, addressOf, Fabric } from './fabric.ts'
import { macOf, vm } from './world.ts'

/** The page in a real browser, in the network of a node whose real agent serves it. */

const ADDRESS = 'http://127.0.0.1:8067/'

let fabric: Fabric
let browser: BrowserContext
let page: Page
/** What the browser asked for, and what it complained of. */
const requests: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  fabric = await Fabric.create('page')
  fabric.write('pve1', 100)
  fabric.write('pve1', 101)
  await fabric.report(
    'pve1',
    ({ nics, announcing }) =>
      [100, 101].every(vmid => nics.some(nic => nic.vmid === vmid)) && announcing?.peers[0]?.isUp === true,
  )
  browser = await openBrowser(fabric.at('pve1').node)
  page = await browser.newPage()
  page.setDefaultTimeout(15_000 * PATIENCE)
  page.on('request', request => requests.push(request.url()))
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(ADDRESS)
  // What a reload would take away.
  await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }))
})
afterAll(async () => {
  await browser?.close()
  await fabric?.lab.close()
})

const row = (vmid: number) => page.locator(`#guest-${vmid}`)
const shows = (vmid: number, state: string) =>
  row(vmid).getByRole('img', { name: state, exact: true }).first().waitFor()
const verdict = (text: string) => page.getByRole('heading', { level: 1, name: text }).waitFor()
const leaseOf = (name: string, vmid: number) => lease(udhcpc, fabric.at(name).node.guest(vmid).port())

describe('without being loaded again the page shows', () => {
  test('a guest that starts and takes its address', async () => {
    await shows(100, 'stopped')
    await verdict('All is well on pve1')
    await fabric.start('pve1', 100)
    await shows(100, 'waiting')
    expect(await leaseOf('pve1', 100)).toBeDefined()
    await shows(100, 'served')
    await row(100).getByRole('button').click()
    await row(100).getByText('the guest has taken 203.0.113.100').waitFor()
    await row(100).getByText('exported to rtr01').first().waitFor()
    await page.locator('#timeline').getByText('VM 100 net0 leased 203.0.113.100').waitFor()
  })

  test('a conflict, with the sentence of explain at the link that breaks, and that it is over', async () => {
    fabric.write('pve1', 356)
    await verdict('1 problem on pve1')
    await page.getByRole('heading', { name: 'address-duplicate' }).waitFor()
    await shows(356, 'broken')
    await row(356).getByText('VM 100 net0 on node pve1 holds 203.0.113.100').waitFor()
    fabric.tree.remove(356)
    await verdict('All is well on pve1')
    await row(356).waitFor({ state: 'detached' })
  })

  test('a guest that migrates, on both nodes', async () => {
    const other = await openBrowser(fabric.at('pve2').node)
    try {
      const there = await other.newPage()
      await there.goto(ADDRESS)
      await there.getByText('No guest has its configuration on this node.').waitFor()
      await fabric.migrate(100, 'pve1', 'pve2')
      await row(100).waitFor({ state: 'detached' })
      await page.locator('#timeline').getByText('VM 100 guest100 has moved from pve1 to pve2').waitFor()
      await there.locator('#guest-100').getByRole('img', { name: 'waiting', exact: true }).first().waitFor()
    } finally {
      await other.close()
    }
  })

  test('that the agent is gone, and that another one has come, which knows what happened before', async () => {
    await fabric.endAgent('pve1')
    await page.getByText('The agent does not answer.').waitFor()
    fabric.startAgent('pve1')
    await page.getByText('The agent does not answer.').waitFor({ state: 'detached' })
    await page.locator('#timeline').getByRole('button', { name: 'guests' }).click()
    await page.locator('#timeline').getByText('VM 100 net0 leased 203.0.113.100').waitFor()
  })

  test('nothing of that by loading', async () => {
    expect(await page.evaluate(() => 'isTheSamePage' in globalThis)).toBe(true)
  })
})

/** Keeps every change of the document in `drawn`. */
const WATCH = `
  globalThis.drawn = []
  const note = records => drawn.push(...records.map(({ type, target }) => type + ' ' + target.textContent))
  const all = { subtree: true, childList: true, attributes: true, characterData: true }
  new MutationObserver(note).observe(document, all)
  undefined
`

test('while nothing changes, the page asks nothing and draws nothing, however often the agent looks', async () => {
  const { node } = fabric.at('pve1')
  await fabric.start('pve1', 101)
  expect(await leaseOf('pve1', 101)).toBeDefined()
  await shows(101, 'served')
  await fabric.leadsTo(101, 'pve1')
  await page.evaluate(WATCH)
  const look = async () => expect(await ask(node, 'POST', '/converge')).toMatchObject({ ok: true })
  // A guest solicits a router some time after its start, which its port counts.
  await fabric.report(
    'pve1',
    ({ advertising }) => advertising?.nics.every(({ solicitations }) => solicitations > 0) === true,
  )
  await eventually('what was under way has arrived', async () => {
    const before = requests.length
    await look()
    await pause(2000)
    return requests.length === before
  })
  await page.evaluate('drawn.length = 0')
  const before = requests.length
  for (let looks = 0; looks < 3; looks++) await look()
  // For what must not come nothing can be awaited.
  await pause(1500)
  expect(requests.slice(before)).toEqual([])
  expect(await page.evaluate('drawn')).toEqual([])
})

test('what a tenant wrote is text, and nothing in it acts', async () => {
  fabric.tree.write('pve1', 'qemu', 102, vm(102, { ip: '203.0.113.102/32', more: '<img src=x>\u202e: 1\n' }))
  await page.getByText('<img src=x>\\u202e').first().waitFor()
  expect(await page.locator('img').count()).toBe(0)
})

describe('at a glance', () => {
  test('the ways of both families, and what the guest is told of its router', async () => {
    await row(101).getByRole('button').click()
    const titles = ['DHCP', 'DHCPv6', 'Router advertisements']
    const prefixes = Object.values(addressOf(101)).map(prefix => `BGP ${prefix}`)
    for (const title of [...titles, ...prefixes])
      await row(101).getByRole('heading', { level: 5, name: title, exact: true }).waitFor()
    await row(101).getByRole('button').click()
  })

  test('what the guard drops, and by whom it was sent', async () => {
    fabric.tree.policy(`${ANNOUNCING}guard: {mode: "on"}\n`)
    await page.locator('#guard').getByText('1 port guarded').waitFor()
    await page.locator('#guard').getByText('Nothing but their own has left them.').waitFor()
    const { lab } = fabric
    const tap = await lab.wire().open(fabric.at('pve1').node.guest(101).netns, 'eth0')
    const mac = macOf(101)
    const claim = arp({ mac, address: '203.0.113.9', target: '203.0.113.9' })
    tap.send(ethernet({ from: mac, type: ETHERTYPE.arp }, claim))
    await page.locator('#guard').getByText('1 × ARP in the name of 203.0.113.9').waitFor()
    await page.locator('#guard').getByRole('link', { name: 'VM 101 net0' }).waitFor()
    await page.locator('#timeline').getByText('dropped what is not its own of VM 101 net0').waitFor()
    tap.close()
  })

  test('a guest that routers are asked to drop, and until when', async () => {
    const until = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 16)}Z`
    fabric.tree.policy(`${ANNOUNCING}  blackholes: [{vmid: 101, until: "${until}"}]\n`)
    await page.getByText('Black hole: what is sent to 203.0.113.101/32 of guest 101 is dropped').waitFor()
    await shows(101, 'waiting')
    await row(101).getByText('BGP 203.0.113.101/32: waiting at announcement').waitFor({ state: 'attached' })
    fabric.tree.policy(ANNOUNCING)
    await shows(101, 'served')
  })

  test('a policy that waits to be accepted', async () => {
    rmSync(join(fabric.tree.root, 'guestnet.yaml'))
    await page.getByText('which waits to be accepted').waitFor()
    fabric.tree.policy(ANNOUNCING)
    await page.getByText('which waits to be accepted').waitFor({ state: 'detached' })
  })
})

describe('axe finds nothing to object to', () => {
  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)('in %s colours, %i pixels wide', async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    if ((await row(102).getByRole('button').getAttribute('aria-expanded')) === 'false')
      await row(102).getByRole('button').click()
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found).toEqual([])
  })
})

test.each(['101', 'guest101', '203.0.113.101', '2001:db8:a::101', '52:54:00:00:00:65'])(
  'the search finds one guest of several by %s',
  async text => {
    const search = page.getByRole('searchbox')
    await expect.poll(() => page.locator('.guest').count()).toBeGreaterThan(1)
    await search.fill(text)
    await expect.poll(() => page.locator('.guest').count()).toBe(1)
    await row(101).waitFor()
    await search.fill('')
    await search.blur()
  },
)

test('the keyboard alone finds a guest by its MAC and reads its ways', async () => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.keyboard.press('/')
  await page.keyboard.type('52-54-00-00-00-65')
  await expect.poll(() => page.locator('.guest').count()).toBe(1)
  const focused = () => page.evaluate(`document.activeElement.getAttribute('aria-controls')`)
  for (let tabs = 0; tabs < 12 && (await focused()) !== 'guest-101-more'; tabs++)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await row(101).getByText('the guest has taken 203.0.113.101').waitFor()
})

test('the browser asked nobody but the agent, and had nothing to complain of but its end', () => {
  expect(requests.filter(url => !url.startsWith(ADDRESS) && !url.startsWith('data:'))).toEqual([])
  expect(complaints.filter(text => !text.includes('Failed to load resource'))).toEqual([])
})
