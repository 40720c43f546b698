import { useEffect, useMemo, useState } from 'preact/hooks'
import { type Known, Live } from '../live.ts'
import { guestRows } from '../view/guestRows.ts'
import { networkRows } from '../view/networks.ts'
import type { Seen } from '../view/seen.ts'
import { verdictOf } from '../view/verdict.ts'
import { Cluster } from './cluster.tsx'
import { Connection } from './connection.tsx'
import { Guard } from './guard.tsx'
import { Guests } from './guests.tsx'
import { Header } from './header.tsx'
import { Networks } from './networks.tsx'
import { PictureOf } from './picture.tsx'
import { Problems } from './problems.tsx'
import { Sessions } from './sessions.tsx'
import { Timeline } from './timeline.tsx'
import { VerdictLine } from './verdict.tsx'

/** The page: everything that the agent knows, the worst first. */
export function App() {
  const [known, setKnown] = useState<Known>({})
  useEffect(() => new Live(setKnown).start(), [])
  const { seen, trouble } = known
  return (
    <>
      <Header node={seen?.status.node} isLive={seen !== undefined && trouble === undefined} />
      <main id="main">
        {trouble && <Connection trouble={trouble} hasSeen={seen !== undefined} />}
        {seen && <Node seen={seen} />}
      </main>
    </>
  )
}

function Node({ seen }: { seen: Seen }) {
  const { status, guests, events, cluster = [] } = seen
  // The events alone change far more often than the rest.
  const rows = useMemo(() => guestRows(seen), [status, guests])
  const networks = useMemo(() => networkRows(seen, rows), [status, rows])
  const verdict = verdictOf(status)
  useEffect(() => {
    const { gravity, headline } = verdict
    document.title = `${status.node}: ${headline} · guestnet`
    setIcon(gravity)
  }, [status.node, verdict.gravity, verdict.headline])
  return (
    <>
      <VerdictLine verdict={verdict} status={status} />
      <Problems problems={status.problems} />
      <Cluster status={status} views={cluster} />
      <PictureOf seen={seen} networks={networks} />
      <div class="columns">
        <Guests rows={rows} />
        <div class="rail">
          <Networks seen={seen} networks={networks} />
          <Sessions announcing={status.announcing} />
          {status.guard && <Guard guard={status.guard} />}
        </div>
      </div>
      <Timeline events={events} />
    </>
  )
}

const ICONS = {
  good: "<circle cx='8' cy='8' r='6' fill='%2330a46c'/>",
  warning: "<path d='M8 1.5 15 14H1z' fill='%23e2a336'/>",
  critical: "<path d='M8 0 16 8 8 16 0 8z' fill='%23e5484d'/>",
} as const

/** So that a tab among others tells how the node is. */
function setIcon(gravity: keyof typeof ICONS): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${ICONS[gravity]}</svg>`
  if (icon) icon.href = `data:image/svg+xml,${svg}`
}
