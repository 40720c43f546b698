/** A snippet as Proxmox names it: `local:snippets/name`. */
export interface Snippet {
  readonly storage: string
  readonly name: string
}

/** Reads a volume; `undefined` if it is not one of content `snippets`, which is all that a hookscript can be. */
export function parseSnippet(volume: string): Snippet | undefined {
  const [, storage, name] = /^([A-Za-z][\w.-]*):snippets\/([^/\s]+)$/.exec(volume) ?? []
  return storage === undefined || name === undefined ? undefined : { storage, name }
}

export function volumeOf({ storage, name }: Snippet): string {
  return `${storage}:snippets/${name}`
}
