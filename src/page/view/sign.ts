import type { GuestState } from './guestState.ts'

/** The outline of a state's sign within a circle of radius `r` around a point: states differ by shape, not by colour alone. */
export function signPath(state: GuestState, x: number, y: number, r: number): string {
  switch (state) {
    case 'good':
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
    case 'broken':
      return `M${x} ${y - r * 1.25}L${x + r * 1.25} ${y}L${x} ${y + r * 1.25}L${x - r * 1.25} ${y}z`
    case 'waiting':
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0zM${x - r * 0.5} ${y}a${r * 0.5} ${r * 0.5} 0 1 1 ${r} 0a${r * 0.5} ${r * 0.5} 0 1 1 ${-r} 0z`
    case 'stopped':
      return `M${x - r * 0.85} ${y - r * 0.85}h${r * 1.7}v${r * 1.7}h${-r * 1.7}zM${x - r * 0.4} ${y - r * 0.4}v${r * 0.8}h${r * 0.8}v${-r * 0.8}z`
    case 'left-alone':
      return `M${x - r} ${y - r * 0.25}h${2 * r}v${r * 0.5}h${-2 * r}z`
  }
}
