#!/usr/bin/env bash
# Makes the programs in dist, after the npm packages that this needs.
set -euo pipefail
cd "$(dirname "$0")/.."
node scripts/nodeVersion.js
if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  echo "installing npm packages"
  npm ci --no-audit --no-fund --loglevel=error
fi
exec node scripts/build.mjs
