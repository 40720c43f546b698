import { useMemo, useState } from 'preact/hooks'
import type { TimelineEvent } from '../../agent/event.ts'
import { daysOf, type Entry, isMinor, TOPICS, type Topic } from '../view/timeline.ts'
import { Chips } from './chips.tsx'
import { guestLink } from './guestLink.ts'
import { KindSign } from './kindSign.tsx'
import { Time } from './time.tsx'

/** Events that are shown at first; those that came together take one line. */
const FEW = 60

export function Timeline({ events }: { events: readonly TimelineEvent[] }) {
  const [topic, setTopic] = useState<Topic>()
  const [most, setMost] = useState(FEW)
  const { days, more } = useMemo(() => daysOf(events, topic, most), [events, topic, most])
  return (
    <section class="card timeline" id="timeline" aria-labelledby="timeline-title">
      <div class="section-head">
        <h2 id="timeline-title">Timeline</h2>
      </div>
      <Chips legend="Show what is about" choices={TOPICS} chosen={topic} onChoose={setTopic}>
        {one => one}
      </Chips>
      {days.length === 0 && <p class="nothing">Nothing has happened yet.</p>}
      {days.map(({ day, entries }) => (
        <div key={day}>
          <h3 class="sub">{day}</h3>
          <ol class="events">
            {entries.map(entry => (
              <EntryItem key={keyOf(entry[0])} entry={entry} />
            ))}
          </ol>
        </div>
      ))}
      {more > 0 && (
        <button type="button" class="more" onClick={() => setMost(most + 100)}>
          Show what was before
        </button>
      )}
    </section>
  )
}

function keyOf({ time, kind, message }: TimelineEvent): string {
  return `${time} ${kind} ${message}`
}

function EntryItem({ entry }: { entry: Entry }) {
  const [event, ...others] = entry
  const { time, kind } = event
  return (
    <li class={`event ${isMinor(event) ? 'is-minor' : ''}`}>
      <span class="event-time">
        <Time at={time} precise />
      </span>
      <span class="event-kind">
        <KindSign kind={kind} />
        {kind}
      </span>
      {others.length === 0 ? <EventText event={event} /> : <Steps entry={entry} />}
    </li>
  )
}

function EventText({ event: { message, vmid } }: { event: TimelineEvent }) {
  return (
    <span class="event-text">
      {message}
      {vmid !== undefined && (
        <>
          {' '}
          <a href={guestLink(vmid)}>Guest {vmid}</a>
        </>
      )}
    </span>
  )
}

function Steps({ entry }: { entry: Entry }) {
  return (
    <details class="event-text">
      <summary>{entry.length} steps of the agent’s work</summary>
      <ol>
        {entry.toReversed().map(event => (
          <li key={keyOf(event)}>{event.message}</li>
        ))}
      </ol>
    </details>
  )
}
