import { counted } from '../../core/text/counted.ts'
import { GUEST_STATES } from '../view/guestState.ts'
import type { Daemon, PeerMark, Picture } from '../view/picture.ts'
import type { Box, Cell, Layout, Line } from '../view/pictureLayout.ts'
import { signPath } from '../view/sign.ts'
import { guestLink } from './guestLink.ts'

interface DrawingProps {
  readonly layout: Layout
  readonly picture: Picture
}

/** For the eye only: what is linked here is linked below as well. */
export function Drawing({ layout, picture }: DrawingProps) {
  const { width, height, lanes, node, daemons, peers, lines } = layout
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {lines.map(line => (
        <Connection key={line.key} line={line} />
      ))}
      {lanes.map(({ what, cells, ...box }) => (
        <g key={what.network}>
          <rect class="lane" rx="10" {...box} />
          <text class="box-title" x={box.x + 12} y={box.y + 20}>
            {what.network}
          </text>
          <text class="box-detail" x={box.x + box.width - 12} y={box.y + 20} text-anchor="end">
            {counted(what.guests.length + what.more, 'guest')}
            {what.more > 0 && `, ${what.guests.length} drawn`}
          </text>
          <Cells cells={cells} />
        </g>
      ))}
      <rect class="node-box" rx="12" {...node} />
      <text class="box-title" x={node.x + 14} y={node.y + 20}>
        {picture.node}
      </text>
      {daemons.map(({ what, ...box }) => (
        <Part key={what.key} box={box} title={what.title} what={what} />
      ))}
      {peers.map(({ what, ...box }) => (
        <Part key={what.name} box={box} title={what.name} what={what} />
      ))}
    </svg>
  )
}

function Connection({ line: { path, state, middle } }: { line: Line }) {
  return (
    <g class={`line is-${state}`}>
      <path d={path} />
      {state === 'broken' && (
        <path class="line-sign" d={`M${middle.x - 5} ${middle.y - 5}l10 10m0-10l-10 10`} />
      )}
    </g>
  )
}

function Part({ box, title, what }: { box: Box; title: string; what: Daemon | PeerMark }) {
  const { x, y, width, height } = box
  return (
    <g class={`part is-${what.state}`}>
      <rect class="part-box" rx="8" x={x} y={y} width={width} height={height} />
      <path
        class={`sign is-${what.state}`}
        fill-rule="evenodd"
        d={signPath(what.state, x + 17, y + height / 2, 5)}
      />
      <text class="box-title" x={x + 32} y={y + 19}>
        {cut(title, width - 44)}
      </text>
      <text class="box-detail" x={x + 32} y={y + 34}>
        {cut(what.detail, width - 44)}
      </text>
    </g>
  )
}

/** Of a guest's sign without a label, as a share of its place. */
const DOT_RADIUS = 0.293

/** Those with labels one by one; the others in as many paths as there are states, however many guests there are. */
function Cells({ cells }: { cells: readonly Cell[] }) {
  if (cells[0]?.hasLabel) return cells.map(cell => <Labelled key={cell.guest.vmid} cell={cell} />)
  return GUEST_STATES.map(state => {
    const own = cells.filter(({ guest }) => guest.state === state)
    const d = own
      .map(({ x, y, width, height }) => signPath(state, x + width / 2, y + height / 2, width * DOT_RADIUS))
      .join('')
    return own.length > 0 && <path key={state} class={`sign is-${state}`} fill-rule="evenodd" d={d} />
  })
}

function Labelled({ cell: { guest, x, y, width, height } }: { cell: Cell }) {
  const { vmid, title, name, state } = guest
  return (
    <a href={guestLink(vmid)} tabindex={-1} class="guest-mark">
      <title>{`${title} ${name}`}</title>
      <rect class="guest-field" x={x} y={y + 1} width={width - 4} height={height - 2} rx="6" />
      <path class={`sign is-${state}`} fill-rule="evenodd" d={signPath(state, x + 12, y + height / 2, 4.6)} />
      <text x={x + 23} y={y + height / 2 + 4}>
        <tspan class="number">{vmid}</tspan> {cut(name, width - 62)}
      </text>
    </a>
  )
}

/** About as much text as fits into so many pixels. */
function cut(text: string, width: number): string {
  const most = Math.max(1, Math.floor(width / 6.6))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
