#!/usr/bin/env bash
# Everything a change must pass: types, lint, unit and property tests, end-to-end tests on real parts; or, of the tests, only
# the files that are named.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
echo "types"; npx tsc --noEmit; npx tsc --noEmit -p src/page
echo "lint"; npx biome check --error-on-warnings .
echo "unused code"; npx knip
npx vitest run "$@"
