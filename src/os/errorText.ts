import { getSystemErrorMap } from 'node:util'
import type { ZodError } from 'zod'

/** What went wrong, in one line of words: no code of the system's, no stack, no dump. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error))
  // By its name: the class itself would bring the whole library into the shortest commands.
  if (error.name === 'ZodError') return schemaText(error as ZodError)
  const { errno, path, syscall } = error as NodeJS.ErrnoException
  const [, words] = (errno !== undefined && getSystemErrorMap().get(errno)) || []
  if (words === undefined) return oneLine(error.message)
  return path === undefined ? `${words}${syscall === undefined ? '' : ` (${syscall})`}` : `${path}: ${words}`
}

/** The first of what does not fit, and where. */
function schemaText({ issues }: ZodError): string {
  const [first] = issues
  const place = first?.path.map(String).join('.')
  return `an answer is not as expected${place ? ` at ${place}` : ''}: ${oneLine(first?.message ?? 'it is empty')}`
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, '; ')
}
