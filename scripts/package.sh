#!/usr/bin/env bash
# Makes dist/guestnet_X.Y.Z_all.deb of the files that are here. The same commit gives the same bytes.
set -euo pipefail
usage='npm run package [-- VERSION]

Makes dist/guestnet_X.Y.Z_all.deb, with the version of package.json, or with another one to try an upgrade. Says what it
installs where the Debian package debhelper is missing.'
case ${1:-} in -h | --help) echo "$usage" && exit ;; esac

cd "$(dirname "$0")/.."
version=${1:-$(node -p 'require("./package.json").version')}
GUESTNET_VERSION=$version bash scripts/build.sh
# The time of the commit, so that nothing of the package tells when it was built.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y package.json)}
export SOURCE_DATE_EPOCH

if ! command -v dh >/dev/null; then
  echo "installing Debian packages: debhelper"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debhelper >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$work/guestnet
mkdir "$source"
cp -r packaging/debian README.md docs contrib packaging/guestnet.yaml "$source"
node dist/documents.js "$source" "$version" "$SOURCE_DATE_EPOCH"
# Debian's own Node.js, wherever else another one is.
sed '1s,.*,#!/usr/bin/node,' dist/guestnet.js >"$source/guestnet.mjs"
chmod 755 "$source/guestnet.mjs"

# Nothing is compiled, so the compiler that dpkg asks of every build is not missed; debhelper was asked for above.
(cd "$source" && dpkg-buildpackage --build=binary --no-sign --no-check-builddeps >"$work/log" 2>&1) || {
  tail -20 "$work/log" >&2
  exit 1
}
mv "$work/guestnet_${version}_all.deb" dist/
echo "dist/guestnet_${version}_all.deb"
