import type { GuardReport } from '../../core/report/guarding.ts'
import { counted } from '../../core/text/counted.ts'
import { type GuardRow, guardRows } from '../view/guard.ts'
import { guestLink } from './guestLink.ts'
import { Sign } from './sign.tsx'

const MODE = { report: 'counts only', on: 'drops' } as const

export function Guard({ guard }: { guard: GuardReport }) {
  const { mode, ports } = guard
  const pending = ports.filter(({ state }) => state === 'pending').length
  const rows = guardRows(guard)
  return (
    <section class="card" id="guard" aria-labelledby="guard-title">
      <div class="section-head">
        <h2 id="guard-title">Guard</h2>
        <span class="count">{MODE[mode]}</span>
      </div>
      <ul class="rows">
        <li>
          <Sign state={pending === 0 ? 'good' : 'broken'} />
          <span class="row-title">{counted(ports.length - pending, 'port')} guarded</span>
          <span class="row-end">{pending > 0 && `${pending} not yet`}</span>
        </li>
        {rows.map(row => (
          <Port key={row.title} row={row} />
        ))}
      </ul>
      {rows.length === 0 && <p class="nothing">Nothing but their own has left them.</p>}
    </section>
  )
}

function Port({ row: { vmid, title, packets, drops } }: { row: GuardRow }) {
  return (
    <li>
      <Sign state="warning" />
      <a class="row-title" href={guestLink(vmid)}>
        {title}
      </a>
      <span class="row-end">{counted(packets, 'packet')}</span>
      <span class="row-detail">{drops.join(' · ')}</span>
    </li>
  )
}
