import type { Status } from '../../core/report/schema.ts'
import { type Figure, figuresOf, type Verdict } from '../view/verdict.ts'
import { Sign } from './sign.tsx'

export function VerdictLine({ verdict, status }: { verdict: Verdict; status: Status }) {
  const { gravity, headline, notes } = verdict
  return (
    <section class={`verdict is-${gravity}`} aria-label="Verdict">
      <div class="verdict-text">
        <h1 aria-live="polite">
          <Sign state={gravity} size={26} />
          <span>
            {headline} <span class="on">on {status.node}</span>
          </span>
        </h1>
        {notes.map(note => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
      </div>
      <dl class="figures">
        {figuresOf(status).map(figure => (
          <FigureOf key={figure.label} figure={figure} />
        ))}
      </dl>
    </section>
  )
}

function FigureOf({ figure: { label, value, of } }: { figure: Figure }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {of !== undefined && (
          <span class="of">
            <span class="slash">/</span>
            {of}
          </span>
        )}
      </dd>
    </div>
  )
}
