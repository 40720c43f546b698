/** What a reader makes of a text: the value, or why there is none, as a clause: `tag=0 is not a …`. */
export type Read<T> = { readonly value: T } | { readonly wrong: string }
