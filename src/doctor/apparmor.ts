import { readText } from '../os/files.ts'
import { type Check, doubtful, good } from './check.ts'

const PROFILES = '/sys/kernel/security/apparmor/profiles'

/** AppArmor confines Debian's Kea; guestnet keeps to what the profile allows, so enforcing is what is expected. */
export function checkAppArmor(): Check {
  const enabled = readText('/sys/module/apparmor/parameters/enabled')
  if (!enabled.ok || enabled.text.trim() !== 'Y') return good('AppArmor', 'is off, so nothing is confined')
  const profiles = readText(PROFILES)
  if (!profiles.ok) return doubtful('AppArmor', `is on, but ${PROFILES} cannot be read: ${profiles.reason}`)
  const confined = [...profiles.text.matchAll(/^(kea-dhcp[46]) \((\w+)\)$/gm)]
  const told = confined.map(([, program, mode]) => `${program} (${mode})`).join(', ')
  return good('AppArmor', told === '' ? 'is on and does not confine Kea' : `confines ${told}`)
}
