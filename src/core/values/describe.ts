/** How each kind of a union is told in plain words; a kind that is forgotten does not compile. */
export type Descriptions<Union extends { readonly kind: string }> = {
  readonly [Kind in Union['kind']]: (member: Extract<Union, { kind: Kind }>) => string
}
