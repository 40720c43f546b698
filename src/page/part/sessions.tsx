import type { ObservedPeer } from '../../core/announcing/observation.ts'
import type { AnnouncingReport } from '../../core/report/announcing.ts'
import { counted } from '../../core/text/counted.ts'
import { Sign } from './sign.tsx'

export function Sessions({ announcing }: { announcing: AnnouncingReport | undefined }) {
  return (
    <section class="card" id="bgp" aria-labelledby="bgp-title">
      <div class="section-head">
        <h2 id="bgp-title">BGP</h2>
        {announcing?.bird && <span class="count">{counted(announcing.peers.length, 'session')}</span>}
      </div>
      {announcing ? (
        <Announcing announcing={announcing} />
      ) : (
        <p class="nothing">The policy announces nothing.</p>
      )}
    </section>
  )
}

const BIRD = { running: 'runs', silent: 'does not answer', absent: 'is not running' } as const

function Announcing({ announcing }: { announcing: AnnouncingReport }) {
  const { bird, peers, table, announcements } = announcing
  return (
    <ul class="rows">
      {peers.map(peer => (
        <PeerItem key={peer.protocol} peer={peer} announcing={announcing} />
      ))}
      {bird && (
        <li>
          <Sign state={bird.state === 'running' ? 'good' : 'broken'} />
          <span class="row-title">BIRD</span>
          <span class="row-end">{BIRD[bird.state]}</span>
          {bird.pid !== undefined && <span class="row-detail">process {bird.pid}</span>}
        </li>
      )}
      <li>
        <Sign state={announcing.rules ? 'good' : 'broken'} />
        <span class="row-title">Kernel</span>
        <span class="row-end">table {table}</span>
        <span class="row-detail">
          {counted(announcements.filter(({ route }) => route).length, 'route')} of {announcements.length}
          {!announcing.rules && ' · a rule is missing'}
          {announcing.notForwarded.map(family => ` · ${family} is not forwarded`)}
        </span>
      </li>
    </ul>
  )
}

function PeerItem({ peer, announcing }: { peer: ObservedPeer; announcing: AnnouncingReport }) {
  const { isUp, bgpState, since, neighbour, error } = peer
  const told = announcing.announcements.filter(({ exportedTo = [] }) => exportedTo.includes(peer.peer))
  return (
    <li>
      <Sign state={isUp ? 'good' : 'broken'} />
      <span class="row-title">{peer.peer}</span>
      <span class={`row-end ${isUp ? '' : 'bad'}`}>{bgpState}</span>
      <span class="row-detail">
        {[neighbour, isUp ? counted(told.length, 'prefix', 'prefixes') : error, since && `since ${since}`]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  )
}
