/** A pure function of a text that remembers what it came to. What it remembers is bounded: when that is full it begins anew. */
export function memoOfText<Text extends string, Result>(
  compute: (text: Text) => Result,
  atMost = 50_000,
): (text: Text) => Result {
  const known = new Map<Text, Result>()
  return text => {
    const remembered = known.get(text)
    if (remembered !== undefined) return remembered
    const result = compute(text)
    if (known.size >= atMost) known.clear()
    known.set(text, result)
    return result
  }
}

/** A pure function of a value that nobody changes, such as a guest as its file says: it remembers as long as the value is in use. */
export function memoOf<Key extends object, Result>(compute: (key: Key) => Result): (key: Key) => Result {
  const known = new WeakMap<Key, Result>()
  return key => {
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered
    const result = compute(key)
    known.set(key, result)
    return result
  }
}

/**
 * A pure function that is asked again and again with the same: it remembers the last answer, by the identity of what it depends on
 * (`basisOf`).
 */
export function memoOfLast<Args extends readonly unknown[], Result>(
  compute: (...args: Args) => Result,
  basisOf: (...args: Args) => readonly unknown[] = (...args) => args,
): (...args: Args) => Result {
  let last: { basis: readonly unknown[]; result: Result } | undefined
  return (...args) => {
    const basis = basisOf(...args)
    if (!last || !isSameList(last.basis, basis)) last = { basis, result: compute(...args) }
    return last.result
  }
}

/**
 * A pure function of a value that nobody changes and of more besides: it remembers the last answer for each value, by the identity of what else it
 * depends on (`basisOf`), as long as the value is in use.
 */
export function memoOfEach<Key extends object, Args extends readonly unknown[], Result>(
  compute: (key: Key, ...args: Args) => Result,
  basisOf: (...args: Args) => readonly unknown[] = (...args) => args,
): (key: Key, ...args: Args) => Result {
  const known = new WeakMap<Key, { readonly basis: readonly unknown[]; readonly result: Result }>()
  return (key, ...args) => {
    const basis = basisOf(...args)
    const last = known.get(key)
    if (last && isSameList(last.basis, basis)) return last.result
    const result = compute(key, ...args)
    known.set(key, { basis, result })
    return result
  }
}

/**
 * Gives the list that it was given before while that has the very same items: what follows from a list by its identity need not be found
 * again because somebody made an equal one.
 */
export function listAsBefore<T>(): (list: readonly T[]) => readonly T[] {
  return memoOfLast(
    (list: readonly T[]) => list,
    list => list,
  )
}

/** Whether two lists have the very same items in the same order. */
export function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  // An eighth of what `every` takes, on lists of ten thousand that are compared again and again.
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/**
 * Of equal values the one that came first, so that they can be told apart and looked up as what they are. `keyOf`: one text for equal
 * values. What is remembered is bounded: when that is full it begins anew, and equal values may be two.
 */
export function canonical<Value extends object>(
  keyOf: (value: Value) => string,
  atMost = 50_000,
): (value: Value) => Value {
  const known = new Map<string, Value>()
  return value => {
    const key = keyOf(value)
    const first = known.get(key)
    if (first !== undefined) return first
    if (known.size >= atMost) known.clear()
    known.set(key, value)
    return value
  }
}

/**
 * What was read anew, by what it is of, as the values that were known before where they are equal, and as the very map that was known where all are: so that what follows
 * purely from it need not be found again.
 */
export function asKnown<Key, Value>(
  read: ReadonlyMap<Key, Value>,
  known: ReadonlyMap<Key, Value> | undefined,
  isEqual: (a: Value, b: Value) => boolean,
): ReadonlyMap<Key, Value> {
  if (!known) return read
  let isSame = read.size === known.size
  const all = new Map<Key, Value>()
  for (const [key, value] of read) {
    const former = known.get(key)
    const isAsBefore = former !== undefined && isEqual(former, value)
    all.set(key, isAsBefore ? former : value)
    isSame &&= isAsBefore
  }
  return isSame ? known : all
}
