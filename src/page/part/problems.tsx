import { useState } from 'preact/hooks'
import type { Problem } from '../../core/problem/problem.ts'
import { type ProblemGroup, problemGroups, type ShownProblem } from '../view/verdict.ts'
import { guestLink } from './guestLink.ts'
import { Prose } from './prose.tsx'
import { Sign } from './sign.tsx'
import { Time } from './time.tsx'

/** Problems of a kind that are shown at first. */
const FEW = 3

export function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null
  return (
    <section class="problems" aria-labelledby="problems-title">
      <h2 id="problems-title" class="visually-hidden">
        Problems
      </h2>
      {problemGroups(problems).map(group => (
        <Group key={group.code} group={group} />
      ))}
    </section>
  )
}

function Group({ group: { code, gravity, problems } }: { group: ProblemGroup }) {
  const [isWhole, setWhole] = useState(false)
  const shown = isWhole ? problems : problems.slice(0, FEW)
  const more = problems.length - shown.length
  return (
    <article class={`problem is-${gravity}`}>
      <header>
        <Sign state={gravity} label={gravity} size={14} />
        <h3>
          <code>{code}</code>
        </h3>
        {problems.length > 1 && <span class="count">{problems.length}</span>}
      </header>
      <ul>
        {shown.map(problem => (
          <One key={problem.key} problem={problem} />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show {more} more of this kind
        </button>
      )}
    </article>
  )
}

function One({ problem: { message, remedy, where, since, vmid } }: { problem: ShownProblem }) {
  return (
    <li>
      <p class="message">
        <Prose text={message} />
      </p>
      {remedy !== undefined && (
        <p class="remedy">
          <Prose text={remedy} />
        </p>
      )}
      {(where !== undefined || since !== undefined || vmid !== undefined) && (
        <p class="facts">
          {where !== undefined && <code>{where}</code>}
          {since !== undefined && (
            <span>
              since <Time at={since} />
            </span>
          )}
          {vmid !== undefined && <a href={guestLink(vmid)}>Guest {vmid}</a>}
        </p>
      )}
    </li>
  )
}
