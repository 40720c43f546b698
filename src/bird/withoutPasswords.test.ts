import { expect, test } from 'vitest'
import { birdPeer } from '../../test/builders.ts'
import { renderPeer } from './peer.ts'
import { withoutPasswords } from './withoutPasswords.ts'

test('a password is shown as an ellipsis, whatever is in it, and everything else as it is', () => {
  const peer = birdPeer({ name: 'password', interface: 'up0', bfd: true, families: ['ipv6'] })
  const config = (password: string) => renderPeer({ ...peer, password }, 'peer_password')
  const shown = withoutPasswords({ config: config("a'; $1 secret;"), guests4: '', guests6: '' })
  expect(shown).toEqual({ config: config('…'), guests4: '', guests6: '' })
})
