import type { ExternalSettings } from '../core/announcing/birdSettings.ts'
import { FAMILIES, type Family, familyOf } from '../core/values/family.ts'
import { CANNOT_CARRY } from './cannotCarry.ts'
import { renderPattern } from './pattern.ts'

/**
 * For an administrator's BIRD 2.0.12 to 2.17: it learns the routes from the kernel (BIRD User's Guide, "Kernel").
 * The routes live in a table of their own, so that no other protocol of that BIRD meets them unasked.
 */
export function renderBirdSnippet(settings: ExternalSettings): string {
  const head = `# Add this to bird.conf. guestnet keeps the routes to its guests in the kernel's table ${settings.table}, marked with protocol
# ${settings.mark}; this BIRD learns them there. No other protocol of BIRD's may work on that table.
#
# ${CANNOT_CARRY.join('\n# ')}`
  const families = FAMILIES.map(family => renderFamily(family, settings))
  return `${[head, ...families, renderHint()].join('\n\n')}\n`
}

function renderFamily(family: Family, { mark, table, prefixes }: ExternalSettings): string {
  const digit = family === 'ipv4' ? 4 : 6
  const ours = prefixes.filter(prefix => familyOf(prefix) === family)
  const condition =
    ours.length === 0 ? 'false' : `krt_source = ${mark} && net ~ [ ${ours.map(renderPattern).join(', ')} ]`
  return `${family} table guestnet${digit};
protocol kernel guestnet_kernel${digit} {
  kernel table ${table};
  learn;
  scan time 10;
  ${family} {
    table guestnet${digit};
    import where ${condition};
    export none;
  };
}`
}

function renderHint(): string {
  return `# Then, in each of your BGP protocols, let the channels work on these tables:
#   ipv4 { table guestnet4; extended next hop; next hop self; import none; export where source = RTS_INHERIT; };
#   ipv6 { table guestnet6; next hop self; import none; export where source = RTS_INHERIT; };
# Where a session has other routes to carry too, join the tables with yours instead:
#   protocol pipe { table guestnet4; peer table master4; import none; export all; }
#   protocol pipe { table guestnet6; peer table master6; import none; export all; }
# and add to the session's export filter: proto = "guestnet_kernel4" or proto = "guestnet_kernel6". Keep them out of
# what your own kernel protocol exports: the kernel has them already.`
}
