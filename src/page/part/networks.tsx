import type { ServerReport } from '../../core/report/report.ts'
import { counted } from '../../core/text/counted.ts'
import { describeServer, type NetworkRow } from '../view/networks.ts'
import type { Seen } from '../view/seen.ts'
import { Sign } from './sign.tsx'

export function Networks({ seen, networks }: { seen: Seen; networks: readonly NetworkRow[] }) {
  const { servers } = seen.status
  return (
    <section class="card" id="networks" aria-labelledby="networks-title">
      <div class="section-head">
        <h2 id="networks-title">Networks</h2>
        <span class="count">{networks.length}</span>
      </div>
      <ul class="rows">
        {networks.map(row => (
          <NetworkItem key={row.network} row={row} />
        ))}
      </ul>
      {networks.length === 0 && <p class="nothing">No guest is on any network.</p>}
      <h3 class="sub">Kea</h3>
      <ul class="rows">
        {servers.map(kea => (
          <KeaItem key={kea.slot} kea={kea} />
        ))}
      </ul>
      {servers.length === 0 && <p class="nothing">No Kea runs: no address is offered.</p>}
    </section>
  )
}

function NetworkItem({
  row: { network, guests, offered, served, servers, isAnnounced },
}: {
  row: NetworkRow
}) {
  return (
    <li>
      <span class="row-title">{network}</span>
      <span class="row-end">
        {served}/{offered} served
      </span>
      <span class="row-detail">
        {counted(guests.length, 'guest')}
        {servers.length > 0 && ` · ${servers.join(', ')}`}
        {isAnnounced && ' · announced'}
      </span>
    </li>
  )
}

const KEA = {
  answering: ['good', 'answers'],
  starting: ['waiting', 'is being started'],
  silent: ['broken', 'does not answer'],
  dead: ['broken', 'is dead'],
} as const

function KeaItem({ kea }: { kea: ServerReport }) {
  const { state, pid, offers } = kea
  const [sign, words] = KEA[state]
  return (
    <li>
      <Sign state={sign} />
      <span class="row-title">{describeServer(kea)}</span>
      <span class="row-end">{words}</span>
      <span class="row-detail">
        {counted(offers, 'reservation')}
        {pid !== undefined && ` · process ${pid}`}
      </span>
    </li>
  )
}
