import { useState } from 'preact/hooks'
import { applyTheme, storedTheme, THEMES, type Theme } from '../theme.ts'

export function Header({ node, isLive }: { node: string | undefined; isLive: boolean }) {
  return (
    <header class="top">
      <a class="skip" href="#main">
        Skip to what is wrong
      </a>
      <div class="top-inner">
        <svg class="logo" viewBox="0 0 24 24" aria-hidden="true">
          <rect x="2.5" y="2.5" width="19" height="19" rx="5.5" />
          <path d="M7.5 9v2.5A2.5 2.5 0 0 0 10 14h4a2.5 2.5 0 0 0 2.5-2.5V9M12 14v3.5" />
          <circle cx="7.5" cy="7.6" r="1.6" />
          <circle cx="16.5" cy="7.6" r="1.6" />
        </svg>
        <span class="brand">guestnet</span>
        {node !== undefined && <span class="node-name">{node}</span>}
        <nav aria-label="Parts of the page">
          <a href="#guests">Guests</a>
          <a href="#networks">Networks</a>
          <a href="#bgp">BGP</a>
          <a href="#timeline">Timeline</a>
        </nav>
        <span class={`live ${isLive ? 'is-live' : 'is-lost'}`}>
          <svg viewBox="0 0 10 10" aria-hidden="true">
            {isLive ? <circle cx="5" cy="5" r="4" /> : <path d="M1.5 1.5l7 7m0-7l-7 7" />}
          </svg>
          {isLive ? 'live' : 'not live'}
        </span>
        <ThemeChoice />
      </div>
    </header>
  )
}

const NAMES = { auto: 'As the system', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>

const ICONS = {
  auto: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z',
  light:
    'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM7.3.8h1.4v2.4H7.3zM7.3 12.8h1.4v2.4H7.3zM.8 7.3h2.4v1.4H.8zM12.8 7.3h2.4v1.4h-2.4zM3.4 2.4l1.7 1.7-1 1-1.7-1.7zM11.9 10.9l1.7 1.7-1 1-1.7-1.7zM12.6 2.4l1 1-1.7 1.7-1-1zM4.1 10.9l1 1-1.7 1.7-1-1z',
  dark: 'M6.2 1.6a6.5 6.5 0 1 0 8.2 8.2A5.4 5.4 0 0 1 6.2 1.6z',
} as const satisfies Record<Theme, string>

function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  const choose = () => {
    applyTheme(next)
    setTheme(next)
  }
  return (
    <button
      type="button"
      class="icon-button"
      onClick={choose}
      aria-label={`Colours: ${NAMES[theme]}. Change to: ${NAMES[next]}`}
      title={`Colours: ${NAMES[theme]}`}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path fill-rule="evenodd" d={ICONS[theme]} />
      </svg>
    </button>
  )
}
