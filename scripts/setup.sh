#!/usr/bin/env bash
# Installs what building, the tests and the demo need on Debian 12 or 13: npm packages and Debian packages.
# Says what it does, and does nothing where everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $EUID -ne 0 ]]; then
  echo "guestnet's lab makes network namespaces: please run this as root" >&2
  exit 1
fi
command -v node >/dev/null || {
  echo "guestnet needs Node.js (Debian 13: apt install nodejs npm; README.md tells more)" >&2
  exit 1
}
bash scripts/build.sh
missing=$(node dist/setup.js)
if [[ -n $missing ]]; then
  echo "installing Debian packages: $missing"
  apt-get update -qq
  # RUNLEVEL=1: no daemon is started that nobody asked for.
  # shellcheck disable=SC2086
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
