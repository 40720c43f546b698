/** The users of a cluster that may sign in, by `user.cfg`: those that are enabled and have not expired. `now` in Unix seconds. */
export function enabledUsers(text: string, now: number): Set<string> {
  const users = text.split('\n').flatMap(line => {
    const [kind, user = '', enabled, expires] = line.split(':')
    const isExpired = Number(expires) > 0 && Number(expires) < now
    return kind === 'user' && enabled === '1' && !isExpired ? [user] : []
  })
  // Proxmox never takes it away from this one.
  return new Set([...users, 'root@pam'])
}
