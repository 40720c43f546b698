// What the program uses and Node.js 18, which Debian 12 ships, lacks. Put into the bundle by build.mjs.
import 'core-js/es/array/to-reversed.js'
import 'core-js/es/array/to-sorted.js'
import 'core-js/es/array/to-spliced.js'
import 'core-js/es/array/with.js'
