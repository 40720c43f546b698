import { render } from 'preact'
import { App } from './part/app.tsx'
import { applyTheme, storedTheme } from './theme.ts'

applyTheme(storedTheme())
const root = document.getElementById('page')
if (root) render(<App />, root)
