#!/usr/bin/env bash
# Installs what building, the tests and the demo need on Debian 12 or 13: npm packages and Debian packages.
# Says what it does, and does nothing where everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $EUID -ne 0 ]]; then
  echo "guestnet's lab makes network namespaces: please run this as root" >&2
  exit 1
fi
node_major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if ((node_major < 20)); then
  echo "Node.js 20 or newer is needed (Debian 13: apt install nodejs npm)" >&2
  exit 1
fi

if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  echo "installing npm packages"
  npm ci --no-audit --no-fund --loglevel=error
fi

node scripts/build.mjs
missing=$(node dist/setup.js)
if [[ -n $missing ]]; then
  echo "installing Debian packages: $missing"
  apt-get update -qq
  # RUNLEVEL=1: no daemon is started that nobody asked for.
  # shellcheck disable=SC2086
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
