#!/usr/bin/env bash
# Tests on a whole Debian 13, which is what Proxmox VE 9 is built on: its own kernel (VLAN-aware bridges), systemd as PID 1,
# AppArmor enforcing, Kea 2.6, nftables 1.1. Works without hardware virtualisation, slowly.
set -euo pipefail
usage='npm run test:debian13 [-- WHAT...]

Boots whole Debians (built once, about two minutes) and tests in them. WHAT is one or several of

  package      the package, installed with apt, whose units do the work: guests of all kinds, what survives what, guard, upgrade,
               downgrade, remove, purge; or some of it: package=install,serving,removal
  e2e[=TEST,…] end-to-end tests on simulated nodes, those that most depend on the kernel, on nftables and on AppArmor, or some of them
  migration    a guest moves live between two of them, each with the package, which share a wire and /etc/pve
  debian12     what package does, on a whole Debian 12, which Proxmox VE 8 is built on
  all          all of these

Without WHAT it is package.

  KVM=1                  with hardware virtualisation
  FORMER=COMMIT          what is upgraded from; by default the newest tag
  LIMIT=7200             seconds until a machine is ended, by default two hours
  DEBIAN_MIRROR=URL      where Debian comes from; by default where debootstrap finds it
  GUESTNET_CACHE=FOLDER  keeps built Debians for the next time; by default below the temporary folder'

shopt -s inherit_errexit
cd "$(dirname "$0")/.."
# Those that want a bare node; those that begin on one that has all that the package needs, and that could each be run alone.
on_bare=install,serving
on_equipped=announcing,confinement,surviving,guard,openvswitch,versions,removal
case ${1:-package} in
  -h | --help) echo "$usage" && exit ;;
  all) set -- {package,debian12}={$on_bare,$on_equipped} e2e migration ;;
  package | debian12) set -- "${1:-package}="{$on_bare,$on_equipped} "${@:2}" ;;
esac
# Several: each by itself, whatever became of those before.
if (($# > 1)); then
  status=0
  for what; do
    echo "=== $what"
    bash scripts/test-debian13.sh "$what" || { status=1; echo "=== $what FAILED"; }
  done
  exit $status
fi
bash scripts/build.sh
# shellcheck source=scripts/debian13/machine.sh
source scripts/debian13/machine.sh
install_missing
work=$(mktemp -d)
trap 'end_machines; rm -rf "$work"' EXIT
# What the package needs, which is installed with it on a bare node.
needed=netbase,nftables,kea-dhcp4-server,kea-dhcp6-server,bird2,nodejs,perl
version=$(node -p 'require("./package.json").version')
# Until there is a release, one of the evening of 2026-11-27. The first whose package has all that it needs on a minimal Debian 13
# is 17dec00a6156.
former=${FORMER:-$(git describe --tags --abbrev=0 2>/dev/null || echo cde47858f9a1)}
# Since then BIRD is told of guests as it is today. A BIRD of before is told of each anew, which it passes on to its peers.
same_routes_since=26bead385346

# files PROGRAM: a folder for a machine, with the tests to be run there.
files() {
  local folder
  folder=$(mktemp -d -p "$work")
  cp -r scripts/debian13/tests.sh scripts/debian13/node.sh scripts/debian13/parts "$folder/"
  install -m 755 "scripts/debian13/$1" "$folder/tests"
  bash scripts/package.sh >/dev/null
  cp "dist/guestnet_${version}_all.deb" "$folder/"
  echo "$version" >"$folder/version"
  echo "$folder"
}

# The package of a later version and that of a former commit.
other_versions() {
  local folder=$1 next old=0.0.9 tree=$work/former
  next=$(node -p '"'"$version"'".replace(/\d+$/, patch => Number(patch) + 1)')
  bash scripts/package.sh "$next" >/dev/null
  mv "dist/guestnet_${next}_all.deb" "$folder/"
  echo "$next" >"$folder/version.next"
  git rev-parse --verify --quiet "$former^{commit}" >/dev/null || {
    echo "NOT TESTED: upgrade from $former, which this clone does not have" >&2
    return 0
  }
  mkdir -p "$tree"
  git archive "$former" | tar -x -C "$tree"
  if git diff --quiet "$former" -- package-lock.json; then ln -s "$PWD/node_modules" "$tree/node_modules"; fi
  (cd "$tree" && bash scripts/package.sh $old >/dev/null)
  cp "$tree/dist/guestnet_${old}_all.deb" "$folder/"
  echo $old >"$folder/version.former"
  echo "$former" >"$folder/version.former.commit"
  if git merge-base --is-ancestor "$same_routes_since" "$former"; then echo 0; else echo each; fi >"$folder/version.former.updates"
}

# bare RELEASE, equipped RELEASE: build a node that lacks what the package needs, and one that has it, and what tests need.
bare() { debian "node-$1" "$1" "$base" "$needed"; }
equipped() { debian "lab-$1" "$1" "$base,$needed,dhcpcd-base,iptables,ebtables,tcpdump,openvswitch-switch"; }

test_package() { # test_package RELEASE PART...
  local folder node=lab-$1
  folder=$(files package-tests)
  echo "${*:2}" >"$folder/parts.list"
  [[ " $* " != *" versions "* ]] || other_versions "$folder"
  if [[ " $* " == *" install "* ]]; then node=node-$1 && bare "$1"; else equipped "$1"; fi
  boot "$node" "$folder"
}

test_migration() {
  equipped trixie
  boot_two lab-trixie "$(files migration-tests)"
}

test_e2e() { # test_e2e TEST...
  local folder tests=("${@/#/test/e2e/}")
  equipped trixie
  folder=$(mktemp -d -p "$work")
  cp -r dist test docs package.json "$folder/"
  # Where their own folder is looked for: beside the fixtures.
  node scripts/bundle-tests.mjs "$folder/test" "${tests[@]/%/.test.ts}"
  install -m 755 scripts/debian13/e2e-tests "$folder/tests"
  echo "$*" >"$folder/tests.list"
  boot lab-trixie "$folder"
}

IFS=, read -ra chosen <<<"${1#*=}"
case $1 in
  package=*) test_package trixie "${chosen[@]}" ;;
  debian12=*) test_package bookworm "${chosen[@]}" ;;
  migration) test_migration ;;
  e2e) test_e2e vlan kea-config bird-config privileges dhcp6 advertising guard guard-wiring guard-lossless ;;
  e2e=*) test_e2e "${chosen[@]}" ;;
  *) echo "not '$1'; --help tells more" >&2 && exit 1 ;;
esac
