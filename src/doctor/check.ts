/** What `guestnet doctor` found out about one thing. */
export interface Check {
  readonly name: string
  /** `bad`: guestnet cannot do its work. `doubtful`: it can, but something may surprise. */
  readonly state: 'good' | 'doubtful' | 'bad'
  readonly detail: string
  /** What to do about it, as an imperative sentence; packages by their Debian name. */
  readonly remedy?: string
}

export function good(name: string, detail: string): Check {
  return { name, state: 'good', detail }
}

export function doubtful(name: string, detail: string, remedy?: string): Check {
  return { name, state: 'doubtful', detail, ...(remedy === undefined ? {} : { remedy }) }
}

export function bad(name: string, detail: string, remedy: string): Check {
  return { name, state: 'bad', detail, remedy }
}
