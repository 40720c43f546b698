#!/usr/bin/env bash
# Takes the pictures of the page in docs/images anew, from the real agent in the demo: npm run screenshots
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
mkdir -p docs/images
exec node dist/screenshots.js
