import { useEffect, useRef, useState } from 'preact/hooks'
import { countStates, type GuestRow, type Sieve, sift } from '../view/guestRows.ts'
import { GUEST_STATES, type GuestState, STATE_NAME } from '../view/guestState.ts'
import { Chips } from './chips.tsx'
import { GuestItem } from './guestItem.tsx'
import { linkedGuest } from './guestLink.ts'
import { Sign } from './sign.tsx'

/** Guests that are drawn at first, and with each wish for more. */
const PAGE = 50

export function Guests({ rows }: { rows: readonly GuestRow[] }) {
  const [sieve, setSieve] = useState<Sieve>({ text: '' })
  const [most, setMost] = useState(PAGE)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const found = sift(rows, sieve)
  const shown = found.slice(0, most)
  const toggle = (vmid: number) => setOpen(toggled(open, vmid))
  useLinkedGuest(rows, (vmid, place) => {
    setSieve({ text: '' })
    setMost(now => Math.max(now, place + 1))
    setOpen(now => new Set([...now, vmid]))
  })
  return (
    <section class="guests" id="guests" aria-labelledby="guests-title">
      <div class="section-head">
        <h2 id="guests-title">Guests</h2>
        <span class="count">{rows.length}</span>
        <Search text={sieve.text} onText={text => setSieve({ ...sieve, text })} />
      </div>
      <States
        rows={rows}
        state={sieve.state}
        onState={state => setSieve(state ? { ...sieve, state } : { text: sieve.text })}
      />
      <p class="visually-hidden" role="status">
        {sieve.text === '' ? '' : `${found.length} found`}
      </p>
      {shown.length === 0 ? (
        <p class="nothing">
          {rows.length === 0 ? 'No guest has its configuration on this node.' : 'No guest is like that.'}
        </p>
      ) : (
        <ul class="guest-list">
          {shown.map(row => (
            <GuestItem key={row.vmid} row={row} isOpen={open.has(row.vmid)} onToggle={toggle} />
          ))}
        </ul>
      )}
      {found.length > shown.length && (
        <button type="button" class="more" onClick={() => setMost(most + 4 * PAGE)}>
          Show more ({found.length - shown.length} are not shown)
        </button>
      )}
    </section>
  )
}

function toggled(open: ReadonlySet<number>, vmid: number): ReadonlySet<number> {
  return open.has(vmid) ? new Set([...open].filter(other => other !== vmid)) : new Set([...open, vmid])
}

/** Calls back with the guest that the page's address names, now and whenever it names another; then goes there. */
function useLinkedGuest(rows: readonly GuestRow[], show: (vmid: number, place: number) => void): void {
  const current = useRef({ rows, show })
  current.current = { rows, show }
  useEffect(() => {
    const follow = () => {
      const vmid = linkedGuest(location.hash)
      const place = current.current.rows.findIndex(row => row.vmid === vmid)
      if (vmid === undefined || place < 0) return
      current.current.show(vmid, place)
      requestAnimationFrame(() => goTo(vmid))
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
}

/** For the keyboard and for who is read to as well: what comes next is what comes after that guest. */
function goTo(vmid: number): void {
  const row = document.getElementById(`guest-${vmid}`)
  row?.scrollIntoView({ block: 'start' })
  row?.querySelector('button')?.focus({ preventScroll: true })
}

function Search({ text, onText }: { text: string; onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const seek = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea')
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', seek)
    return () => removeEventListener('keydown', seek)
  }, [])
  return (
    <div class="search">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.4 10.4l3.4 3.4" />
      </svg>
      <input
        ref={input}
        type="search"
        aria-label="Search guests by number, name, address or MAC"
        placeholder="Number, name, address, MAC"
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <span class="key" aria-hidden="true">
        /
      </span>
    </div>
  )
}

interface StatesProps {
  readonly rows: readonly GuestRow[]
  readonly state: GuestState | undefined
  readonly onState: (state: GuestState | undefined) => void
}

function States({ rows, state, onState }: StatesProps) {
  const counts = countStates(rows)
  const there = GUEST_STATES.filter(one => counts.has(one) || one === state)
  if (there.length < 2 && state === undefined) return null
  return (
    <Chips legend="Show guests that are" choices={there} chosen={state} onChoose={onState}>
      {one => (
        <>
          <Sign state={one} />
          {STATE_NAME[one]} <span class="chip-count">{counts.get(one) ?? 0}</span>
        </>
      )}
    </Chips>
  )
}
