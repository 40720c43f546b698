#!/usr/bin/env bash
# Measures guestnet and the way its predecessor works, side by side: npm run bench [-- NAME...]
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec node dist/bench.js "$@"
