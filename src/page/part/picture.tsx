import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { NetworkRow } from '../view/networks.ts'
import { describePicture, pictureOf } from '../view/picture.ts'
import { layOut } from '../view/pictureLayout.ts'
import type { Seen } from '../view/seen.ts'
import { Drawing } from './drawing.tsx'

/** The node, from its guests to its peers. */
export function PictureOf({ seen, networks }: { seen: Seen; networks: readonly NetworkRow[] }) {
  const [frame, width] = useWidth()
  const picture = useMemo(() => pictureOf(seen, networks), [seen.status, networks])
  const layout = useMemo(() => layOut(picture, width), [picture, width])
  return (
    <section class="picture" aria-label="Picture of the node">
      <p class="visually-hidden">{describePicture(picture)}</p>
      <div ref={frame} class="picture-frame">
        {width > 0 && <Drawing layout={layout} picture={picture} />}
      </div>
    </section>
  )
}

/** An element's width, kept up to date. */
function useWidth() {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = frame.current
    if (!element) return undefined
    const measure = () => setWidth(Math.floor(element.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [frame, width] as const
}
