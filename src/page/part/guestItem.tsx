import type { Chain } from '../view/chain.ts'
import { chainTitle, describeChain } from '../view/chainText.ts'
import type { GuestRow, NicRow } from '../view/guestRows.ts'
import { GUEST_STATES } from '../view/guestState.ts'
import { ChainLine, ChainSteps } from './chain.tsx'
import { Prose } from './prose.tsx'
import { GuestSign } from './sign.tsx'
import { Time } from './time.tsx'

interface GuestItemProps {
  readonly row: GuestRow
  readonly isOpen: boolean
  readonly onToggle: (vmid: number) => void
}

export function GuestItem({ row, isOpen, onToggle }: GuestItemProps) {
  const { vmid, title, name, state, nics, end, elsewhere } = row
  const isBroken = state === 'broken'
  return (
    <li class={`guest is-${state}`} id={`guest-${vmid}`}>
      <h3>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={`guest-${vmid}-more`}
          onClick={() => onToggle(vmid)}
        >
          <GuestSign state={state} />
          <span class="who">
            <span class="number">{title}</span>
            <span class="name">{name}</span>
            {elsewhere !== undefined && <span class="tag">on {elsewhere}</span>}
          </span>
          <span class="addresses">
            {nics.flatMap(({ nic, addresses }) =>
              addresses.map(address => <span key={`${nic} ${address}`}>{address}</span>),
            )}
          </span>
          <span class="where">
            {networksOf(nics).map(network => (
              <span key={network}>{network}</span>
            ))}
          </span>
          <span class="chains">
            {worstChains(nics).map(chain => (
              <span key={chain.by} class="chain">
                <span class="chain-by">{CALLED[chain.by]}</span>
                <ChainLine chain={chain} />
                <span class="visually-hidden">{describeChain(chain)}</span>
              </span>
            ))}
          </span>
          <svg class="chevron" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M6 4l4 4-4 4" />
          </svg>
        </button>
      </h3>
      {isBroken && end && !isOpen && (
        <p class="end">
          <Prose text={end.detail} />
          {end.remedy !== undefined && (
            <span class="remedy">
              <Prose text={end.remedy} />
            </span>
          )}
        </p>
      )}
      <div id={`guest-${vmid}-more`} class="guest-more" hidden={!isOpen}>
        {isOpen && <GuestMore row={row} />}
      </div>
    </li>
  )
}

function networksOf(nics: readonly NicRow[]): string[] {
  return [...new Set(nics.flatMap(({ network }) => network ?? []))]
}

const CALLED = { dhcp: 'DHCP', router: 'RA', bgp: 'BGP' } as const satisfies Record<Chain['by'], string>

/** Of the chains of a kind that lead to something that is wanted the one that somebody should look at first. */
function worstChains(nics: readonly NicRow[]): Chain[] {
  const wanted = nics
    .flatMap(({ chains }) => chains)
    .filter(({ by, state }) => by !== 'bgp' || state !== 'left-alone')
  return (['dhcp', 'router', 'bgp'] as const).flatMap(by => {
    const own = wanted.filter(chain => chain.by === by)
    // Of those that are equal, one that comes to its end.
    const sorted = own.toSorted((a, b) => Number(a.end !== undefined) - Number(b.end !== undefined))
    return GUEST_STATES.flatMap(state => sorted.find(chain => chain.state === state) ?? []).slice(0, 1)
  })
}

function GuestMore({ row }: { row: GuestRow }) {
  return (
    <>
      {row.nics.length === 0 && <p class="nothing">It has no network interface.</p>}
      {row.nics.map(nic => (
        <NicMore key={nic.nic} nic={nic} />
      ))}
      <p class="facts">
        <code>{row.file}</code>
      </p>
    </>
  )
}

function NicMore({ nic }: { nic: NicRow }) {
  const facts: [string, string][] = [
    ['port', nic.link],
    ...(nic.mac === undefined ? [] : [['MAC', nic.mac] as [string, string]]),
    ...(nic.network === undefined ? [] : [['network', nic.network] as [string, string]]),
    ...nic.gateways.map((gateway): [string, string] => ['gateway', gateway]),
  ]
  return (
    <div class="nic">
      <div class="nic-head">
        <h4>net{nic.nic}</h4>
        <dl>
          {facts.map(([label, text]) => (
            <div key={`${label} ${text}`}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          {nic.leases.map(({ address, expires }) => (
            <div key={address}>
              <dt>lease</dt>
              <dd>
                {address} until <Time at={expires * 1000} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <div class="ways">
        {nic.chains.map(chain => (
          <div key={chainTitle(chain)} class="way">
            <h5>{chainTitle(chain)}</h5>
            <ChainSteps links={chain.links} />
          </div>
        ))}
        {nic.guard && (
          <div class="way">
            <h5>Guard</h5>
            <ChainSteps links={[{ step: nic.guard.step, mark: nic.guard.state, told: nic.guard }]} />
          </div>
        )}
      </div>
    </div>
  )
}
