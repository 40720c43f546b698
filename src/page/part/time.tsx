const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const SHORT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** A moment in the browser's time zone, in milliseconds since 1970. Never "ago": that would have to be drawn again and again. */
export function Time({ at, precise = false }: { at: number; precise?: boolean }) {
  const date = new Date(at)
  const text = precise ? TIME.format(date) : `${DAY.format(date)}, ${SHORT.format(date)}`
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {text}
    </time>
  )
}
