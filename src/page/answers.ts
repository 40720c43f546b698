import { fromJson } from './view/seen.ts'

/** Asks the agent. An answer with the same ETag as before is the very value that it was before, and is not read again. */
export class Answers {
  readonly #last = new Map<string, { tag: string; value: unknown }>()

  /** Whether the last answer was of this revision, as a tag tells it. */
  isOf(path: string, revision: string): boolean {
    return this.#last.get(path)?.tag.includes(revision) === true
  }

  /** Throws, with a reason in words, when there is no answer. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(path)
    const tag = response.headers.get('etag')
    const last = this.#last.get(path)
    if (response.ok && tag !== null && last?.tag === tag) {
      await response.body?.cancel()
      return last.value as T
    }
    const json = await response.text()
    if (!response.ok) throw new Error(errorIn(json) ?? `${path}: ${response.status}`)
    const value = fromJson<T>(json)
    if (tag !== null) this.#last.set(path, { tag, value })
    return value
  }
}

function errorIn(json: string): string | undefined {
  try {
    const { error } = fromJson<{ readonly error?: unknown }>(json)
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
