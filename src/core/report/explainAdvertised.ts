import type { Guest, Nic } from '../guest/guest.ts'
import type { AdvertisedReport } from './advertising.ts'
import { isWithoutRouter } from './advertisingTrouble.ts'
import type { Report } from './report.ts'
import type { Step } from './step.ts'

/** The way of a NIC to its router; lazily. Nothing where it is not for guestnet to tell it of one. */
export function* explainAdvertised(guest: Guest, nic: Nic, { advertising }: Report): Generator<Step> {
  const told = advertising?.nics.find(row => row.vmid === guest.vmid && row.nic === nic.index)
  if (!advertising || !told) return
  const { state, pid } = advertising.advertiser
  if (state === 'starting') {
    yield {
      step: 'router',
      state: 'waiting',
      detail: 'the advertiser is being started, and does not answer router solicitations yet',
      remedy: 'Look again in a moment.',
    }
    return
  }
  if (state !== 'answering') {
    yield {
      step: 'router',
      state: 'broken',
      detail: `the advertiser${pid === undefined ? '' : ` (process ${pid})`} does not answer router solicitations: it is ${state}`,
      remedy: 'The agent replaces it within seconds; if it does not, run guestnet doctor.',
    }
    return
  }
  yield routerStep(told)
}

function routerStep(told: AdvertisedReport): Step {
  const step = 'router'
  const { router, unknownRouter, whyUnknown, solicitations, others, dropped } = told
  const asked = `it has asked ${solicitations === 1 ? 'once' : `${solicitations} times`}${dropped === undefined ? '' : `; ${dropped} more came too fast and were dropped`}`
  const theirs = others === 0 ? '' : `, and other routers have advertised themselves ${others} times`
  if (isWithoutRouter(told)) {
    return {
      step,
      state: 'broken',
      detail: `${asked}, and neither guestnet knows the link-local address of ${unknownRouter}${whyUnknown === undefined ? '' : ` (${whyUnknown})`} nor does that router advertise itself`,
      remedy: "Write the router's link-local address as gw6, or let the router send router advertisements.",
    }
  }
  if (solicitations === 0) {
    return {
      step,
      state: 'waiting',
      detail: `the guest has not asked for a router since its port is served${theirs}`,
      remedy: 'If its addresses are configured inside, all is well; else switch its interface to automatic.',
    }
  }
  const what = router === undefined ? 'addresses come by DHCPv6' : `${router} is its router`
  return { step, state: 'good', detail: `it is told that ${what}: ${asked}${theirs}` }
}
