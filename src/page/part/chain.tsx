import type { Chain, ChainLink } from '../view/chain.ts'
import { describeLink } from '../view/chainText.ts'
import { signPath } from '../view/sign.ts'
import { Prose } from './prose.tsx'
import { Sign } from './sign.tsx'

const STEP = 22
const HEIGHT = 16

/** A chain in one line: as many signs as it has links, the first that breaks in red and of another shape. */
export function ChainLine({ chain }: { chain: Chain }) {
  const { links } = chain
  const width = STEP * (links.length - 1) + HEIGHT
  const x = (index: number) => HEIGHT / 2 + index * STEP
  return (
    <svg
      class="chain-line"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      aria-hidden="true"
    >
      {links.slice(1).map(({ step, mark }, index) => (
        <line
          key={step}
          class={`is-${mark}`}
          x1={x(index) + 7}
          x2={x(index + 1) - 7}
          y1={HEIGHT / 2}
          y2={HEIGHT / 2}
        />
      ))}
      {links.map(({ step, mark }, index) => (
        <path key={step} class={`sign is-${mark}`} fill-rule="evenodd" d={markPath(mark, x(index))} />
      ))}
    </svg>
  )
}

function markPath(mark: ChainLink['mark'], x: number): string {
  if (mark === 'beyond') return signPath('good', x, HEIGHT / 2, 1.8)
  return signPath(mark, x, HEIGHT / 2, mark === 'broken' ? 5.4 : 4.4)
}

/** The links of a chain with the sentence of each. */
export function ChainSteps({ links }: { links: readonly ChainLink[] }) {
  return (
    <ol class="steps">
      {links.map(link => (
        <li key={link.step} class={`is-${link.mark}`}>
          <Sign state={link.mark} label={describeLink(link)} size={14} />
          <span class="step-name">{link.step}</span>
          {link.told && (
            <span class="step-text">
              <Prose text={link.told.detail} />
              {link.told.remedy !== undefined && (
                <span class="remedy">
                  <Prose text={link.told.remedy} />
                </span>
              )}
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}
