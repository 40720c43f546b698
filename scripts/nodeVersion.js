// Refuses a Node.js that is too old: run by the scripts before they install anything, and put by build.mjs in front of each
// program, with what guestnet itself needs in place of what its development needs. Its JavaScript is older than what it refuses.
;(() => {
  var needed = [20, 19]
  var version = process.versions.node
  var parts = version.split('.').map(Number)
  if (parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1])) return
  console.error(
    'guestnet needs Node.js ' +
      needed.join('.') +
      ' or newer, and this is ' +
      version +
      '. Debian 13: apt install nodejs npm. Debian 12: its own is too old, so unpack a build of the Node.js project into /usr/local.',
  )
  process.exit(1)
})()
