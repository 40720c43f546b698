#!/usr/bin/env bash
# The main job on a simulated node: npm run demo [-- --keep]
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec node dist/demo.js "$@"
