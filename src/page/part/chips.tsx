import type { ComponentChildren } from 'preact'

interface ChipsProps<Choice extends string> {
  /** What is chosen, for those who do not see it. */
  readonly legend: string
  readonly choices: readonly Choice[]
  readonly chosen: Choice | undefined
  readonly onChoose: (choice: Choice | undefined) => void
  readonly children: (choice: Choice) => ComponentChildren
}

/** One of a few, or none: a chip that is pressed again is let go. `children` draws what is in a chip. */
export function Chips<Choice extends string>(props: ChipsProps<Choice>) {
  const { legend, choices, chosen, onChoose, children } = props
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">{legend}</legend>
      {choices.map(choice => (
        <button
          key={choice}
          type="button"
          class="chip"
          aria-pressed={chosen === choice}
          onClick={() => onChoose(chosen === choice ? undefined : choice)}
        >
          {children(choice)}
        </button>
      ))}
    </fieldset>
  )
}
