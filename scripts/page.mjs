// Makes the files of the page, which the program carries with it: by path, each with its media type.

/** As `Assets` of src/http/assets.ts. */
export async function pageAssets() {
  return {
    '/': { type: 'text/html; charset=utf-8', body: PLAIN },
  }
}

const PLAIN = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>guestnet</title>
<p>This node as JSON: <a href="/api/report">what is</a>, <a href="/api/timeline">what happened</a>.
</html>
`
