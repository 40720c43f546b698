/** A sentence of guestnet's: what stands between backquotes in it is to be written as it is. */
export function Prose({ text }: { text: string }) {
  const parts = text.split('`')
  // Somebody else's backquote has no other.
  if (parts.length % 2 === 0) return <>{text}</>
  return (
    <>{parts.map((part, index) => (index % 2 === 1 ? <code key={`${index} ${part}`}>{part}</code> : part))}</>
  )
}
