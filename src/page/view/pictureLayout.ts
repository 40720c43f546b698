import type { Daemon, Lane, LaneGuest, PartState, PeerMark, Picture } from './picture.ts'

/** Where everything of a picture is, in CSS pixels. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly lanes: readonly Placed<Lane, { readonly cells: readonly Cell[] }>[]
  readonly node: Box
  readonly daemons: readonly Placed<Daemon>[]
  readonly peers: readonly Placed<PeerMark>[]
  readonly lines: readonly Line[]
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

type Placed<What, More = unknown> = Box & { readonly what: What } & More

/** A guest's place; with a label where there is room for one. */
export interface Cell extends Box {
  readonly guest: LaneGuest
  readonly hasLabel: boolean
}

/** From left to right, or from above to below. */
export interface Line {
  readonly key: string
  readonly path: string
  readonly state: PartState
  /** Its middle, where its state is drawn. */
  readonly middle: { readonly x: number; readonly y: number }
}

/** Below it everything stands one above the other. */
const NARROW = 720
const GAP = 12
const HEAD = 30
const PADDING = 10
const PART = 44
const CHIP = { width: 124, height: 24 }
const DOT = 15
/** Of a thousand guests on a phone; and rows of the larger dots from which on they are as small. */
const SMALL_DOT = 10
const MANY_ROWS = 32
/** Guests of one network that have labels, at most. */
const LABELLED = 24

export function layOut(picture: Picture, width: number): Layout {
  return width < NARROW ? stacked(picture, width) : sideBySide(picture, width)
}

function sideBySide(picture: Picture, width: number): Layout {
  const hasPeers = picture.peers.length > 0
  const peerWidth = hasPeers ? Math.round(width * 0.2) : 0
  const nodeWidth = Math.round(width * 0.24)
  const between = Math.round(width * 0.07)
  const laneWidth = width - nodeWidth - between - (hasPeers ? peerWidth + between : 0)
  const lanes = pile(picture.lanes, lane => laneHeight(lane, laneWidth), 0, 0, laneWidth)
  const nodeHeight = nodeHeightOf(picture)
  const peersHeight = picture.peers.length * (PART + GAP) - GAP
  const height = Math.max(heightOf(lanes), nodeHeight, peersHeight, PART)
  const node = { x: laneWidth + between, y: (height - nodeHeight) / 2, width: nodeWidth, height: nodeHeight }
  const daemons = daemonsIn(node, picture.daemons)
  const peersTop = (height - peersHeight) / 2
  const peers = pile(picture.peers, () => PART, width - peerWidth, peersTop, peerWidth)
  const lanesTop = (height - heightOf(lanes)) / 2
  return {
    width,
    height,
    lanes: lanes.map(lane => withCells({ ...lane, y: lane.y + lanesTop })),
    node,
    daemons,
    peers,
    lines: linesOf(
      lanes.map(lane => ({ ...lane, y: lane.y + lanesTop })),
      daemons,
      peers,
      across,
    ),
  }
}

function stacked(picture: Picture, width: number): Layout {
  const between = 34
  const lanes = pile(picture.lanes, lane => laneHeight(lane, width), 0, 0, width)
  const node = { x: 0, y: heightOf(lanes) + between, width, height: nodeHeightOf(picture) }
  const daemons = daemonsIn(node, picture.daemons)
  const peers = pile(picture.peers, () => PART, 0, node.y + node.height + between, width)
  return {
    width,
    height: Math.max(node.y + node.height, heightOf(peers)),
    lanes: lanes.map(withCells),
    node,
    daemons,
    peers,
    lines: [
      ...(lanes.length > 0
        ? [down('lanes', heightOf(lanes), node.y, width, stateOfAll(picture.daemons))]
        : []),
      ...(peers.length > 0
        ? [
            down(
              'peers',
              node.y + node.height,
              node.y + node.height + between,
              width,
              stateOfAll(picture.peers),
            ),
          ]
        : []),
    ],
  }
}

function stateOfAll(parts: readonly { readonly state: PartState }[]): PartState {
  return parts.some(({ state }) => state === 'broken') ? 'broken' : 'good'
}

function down(key: string, from: number, to: number, width: number, state: PartState): Line {
  const x = width / 2
  return { key, path: `M${x} ${from}V${to}`, state, middle: { x, y: (from + to) / 2 } }
}

/** Boxes one below the other. */
function pile<What>(
  all: readonly What[],
  heightOfOne: (what: What) => number,
  x: number,
  top: number,
  width: number,
): Placed<What>[] {
  let y = top
  return all.map(what => {
    const height = heightOfOne(what)
    const placed = { x, y, width, height, what }
    y += height + GAP
    return placed
  })
}

function heightOf(boxes: readonly Box[]): number {
  const last = boxes.at(-1)
  return last ? last.y + last.height : 0
}

function nodeHeightOf({ daemons }: Picture): number {
  return HEAD + Math.max(1, daemons.length) * (PART + GAP) + 2
}

function daemonsIn(node: Box, daemons: readonly Daemon[]): Placed<Daemon>[] {
  return pile(daemons, () => PART, node.x + GAP, node.y + HEAD, node.width - 2 * GAP)
}

interface Grid {
  readonly columns: number
  readonly width: number
  readonly height: number
  readonly hasLabels: boolean
}

function gridOf({ guests }: Lane, width: number): Grid {
  const inner = width - 2 * PADDING
  const hasLabels = guests.length <= LABELLED
  const columnsOf = (size: number) => Math.max(1, Math.floor(inner / size))
  if (hasLabels) {
    const columns = columnsOf(CHIP.width)
    return { columns, width: inner / columns, height: CHIP.height, hasLabels }
  }
  const dot = guests.length > MANY_ROWS * columnsOf(DOT) ? SMALL_DOT : DOT
  return { columns: columnsOf(dot), width: dot, height: dot, hasLabels }
}

function laneHeight(lane: Lane, width: number): number {
  const { columns, height } = gridOf(lane, width)
  return HEAD + Math.ceil(lane.guests.length / columns) * height + PADDING
}

function withCells(lane: Placed<Lane>): Layout['lanes'][number] {
  const { columns, width, height, hasLabels } = gridOf(lane.what, lane.width)
  const cells = lane.what.guests.map((guest, index) => ({
    guest,
    hasLabel: hasLabels,
    x: lane.x + PADDING + (index % columns) * width,
    y: lane.y + HEAD + Math.floor(index / columns) * height,
    width,
    height,
  }))
  return { ...lane, cells }
}

type Between = (from: Point, to: Point) => Pick<Line, 'path' | 'middle'>
interface Point {
  readonly x: number
  readonly y: number
}

function linesOf(
  lanes: readonly Placed<Lane>[],
  daemons: readonly Placed<Daemon>[],
  peers: readonly Placed<PeerMark>[],
  between: Between,
): Line[] {
  const bird = daemons.find(({ what }) => what.key === 'bird')
  return [
    ...lanes.flatMap(lane =>
      daemons
        .filter(({ what }) => lane.what.to.includes(what.key))
        .map(daemon => ({
          key: `${lane.what.network} ${daemon.what.key}`,
          state: daemon.what.state,
          ...between(rightOf(lane), leftOf(daemon)),
        })),
    ),
    ...(bird
      ? peers.map(peer => ({
          key: `peer ${peer.what.name}`,
          state: peer.what.state,
          ...between(rightOf(bird), leftOf(peer)),
        }))
      : []),
  ]
}

function leftOf({ x, y, height }: Box): Point {
  return { x, y: y + height / 2 }
}

function rightOf({ x, y, width, height }: Box): Point {
  return { x: x + width, y: y + height / 2 }
}

const across: Between = (from, to) => {
  const half = (from.x + to.x) / 2
  return {
    path: `M${from.x} ${from.y}C${half} ${from.y} ${half} ${to.y} ${to.x} ${to.y}`,
    middle: { x: half, y: (from.y + to.y) / 2 },
  }
}
