#!/usr/bin/env bash
# Runs what README.md says on bare Debians that have nothing but what README.md says, so that nothing works only because
# this machine has it, or has run it before.
set -euo pipefail
usage='npm run test:fresh [-- 12|13 ... [TEST ...]]

Builds a bare Debian 13 and a bare Debian 12 (or only the one named) and runs npm run demo and npm test there, on the
files of the last commit; or only those files of tests that are named. Debian 13 gets the Node.js of its own packages, Debian 12 the one that runs here: its own is too
old for the tests, and that they say so is tried as well, and that it runs guestnet.

Needs root, and network access for Debian and npm packages. apt, npm and certificate settings of this machine are used.
Each Debian lives in a folder, in namespaces of its own; it shares the kernel and the network with this machine.

  DEBIAN_MIRROR=URL      where Debian comes from; by default where debootstrap finds it
  NODE_PREFIX=FOLDER     the Node.js for Debian 12, with bin/node and lib/node_modules/npm; by default the one that runs here
  GUESTNET_CACHE=FOLDER  keeps bare Debians, downloads and logs for the next time; by default below the temporary folder
  LAB_PATIENCE=10        waits that much longer before giving up, on a slow machine'

die() {
  echo "test:fresh: $*" >&2
  exit 1
}

releases=() tests=()
for argument; do
  case $argument in
    -h | --help) echo "$usage" && exit ;;
    12 | 13) releases+=("$argument") ;;
    test/* | src/*) tests+=("$argument") ;;
    *) die "12, 13 or a file of tests, not '$argument'; --help tells more" ;;
  esac
done
((${#releases[@]})) || releases=(13 12)

cd "$(dirname "$0")/.."
((EUID == 0)) || die "needs root: it mounts file systems and makes namespaces"
commit=$(git rev-parse --short HEAD) || die "tests a commit, and this is no git repository"
[[ -z $(git status --porcelain) ]] || echo "test:fresh: what is not committed is not tested"
cache=$(realpath -m "${GUESTNET_CACHE:-${TMPDIR:-/tmp}/guestnet-test-fresh}")
node_prefix=${NODE_PREFIX:-$(dirname "$(dirname "$(node -p process.execPath)")")}

# shellcheck source=scripts/bareDebian.sh
source scripts/bareDebian.sh
install_missing debootstrap:debootstrap

mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT

# inside ROOT COMMAND...: runs a command in a bare Debian as on a machine of its own. The root is pivoted, since who
# enters a mount namespace, as the lab does, leaves a mere chroot. With the namespaces go all mounts and processes.
inside() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount --pid --fork --kill-child --uts --ipc bash -euc '
    cd "$1"
    echo fresh >/proc/sys/kernel/hostname
    mount --bind . .
    cd "$1"
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount --rbind /dev dev
    mount -t tmpfs -o mode=755 run run
    mkdir run/lock
    mount --bind "$2" var/cache/apt/archives
    pivot_root . .
    umount -l .
    mount --make-rshared /
    cd /root
    shift 2
    "$@"
  ' bash "$1" "$archives" env -i "${environment[@]}" "${@:2}"
}

# The settings by which this machine reaches packages: a proxy, certificates of its own, a registry.
take_settings_along() {
  local root=$1 config
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # Nobody needs this Debian after a power failure.
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
  apt-config dump | grep -E '^Acquire::(https?|Check-)' >"$root/etc/apt/apt.conf.d/99machine" || true
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp -t "$root/usr/local/share/ca-certificates" {} + 2>/dev/null || true
  inside "$root" update-ca-certificates >/dev/null 2>&1
  for config in "$(npm config get globalconfig)" "$(npm config get userconfig)"; do
    if [[ -r $config ]]; then cat "$config"; fi
  done >"$root/root/.npmrc"
}

environment=(HOME=/root LANG=C.UTF-8 TERM=dumb NO_COLOR=1 CI=true PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt DEBIAN_FRONTEND=noninteractive)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY LAB_PATIENCE; do
  if [[ -n ${!name:-} ]]; then environment+=("$name=${!name}"); fi
done

# Makes the bare Debian of a release, once; its folder is in $base.
build() {
  local release=$1 codename=$2 packages=("${@:3}") key log
  key=$(sha256sum <<<"${packages[*]} ${DEBIAN_MIRROR:-}" | cut -c1-12)
  base=$cache/base$release-$key
  archives=$cache/archives$release
  log=$cache/base$release.log
  mkdir -p "$archives/partial"
  if [[ -e $base ]]; then return; fi
  echo "building a bare Debian $release in $cache (once, about two minutes)"
  rm -rf --one-file-system "$cache/base$release"-* "$work/base"
  {
    debootstrap --variant=minbase --include=ca-certificates "$codename" "$work/base" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} &&
      take_settings_along "$work/base" &&
      inside "$work/base" apt-get update -qq &&
      inside "$work/base" apt-get install -y -qq --no-install-recommends "${packages[@]}"
  } >"$log" 2>&1 || die "cannot build Debian $release; the end of $log:
$(tail -5 "$log")"
  mv "$work/base" "$base"
}

# step ROOT LOG NAME COMMAND...: runs one command, shows and keeps what it prints, and remembers how it ended.
step() {
  local root=$1 log=$2 name=$3 started=$SECONDS status=0
  echo
  echo "== $name"
  inside "$root" bash -c 'cd guestnet && "$@"' bash "${@:4}" 2>&1 | tee "$log" || status=$?
  # Ctrl-C is meant for all that is still to come.
  ((status < 128)) || exit "$status"
  local verdict=passed
  if ((status)); then
    verdict="FAILED, exit status $status" failed=1
  fi
  results+=("$name: $verdict, $((SECONDS - started)) s (${log#"$cache"/})")
  # What vitest counted.
  mapfile -t -O "${#results[@]}" results < <(grep -aE '^ +(Test Files|Tests) ' "$log")
}

# What an administrator of Debian 12 does by hand.
bring_node() {
  local root=$1 program
  [[ -x $node_prefix/bin/node && -d $node_prefix/lib/node_modules/npm ]] ||
    die "no Node.js with npm in $node_prefix: name another with NODE_PREFIX"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp "$node_prefix/bin/node" "$root/usr/local/bin/"
  cp -a "$node_prefix/lib/node_modules/npm" "$root/usr/local/lib/node_modules/"
  for program in npm npx; do
    ln -s "../lib/node_modules/npm/bin/$program-cli.js" "$root/usr/local/bin/$program"
  done
  inside "$root" npm --version >/dev/null ||
    die "Debian 12 cannot run the Node.js of $node_prefix: name another with NODE_PREFIX"
}

# What npm runs, with the Node.js of Debian 12: one line and no more. guestnet itself runs with it.
# shellcheck disable=SC2016 # expanded by the inner shell
refusal='
  apt-get install -y -qq --no-install-recommends nodejs >/dev/null
  own=$PATH
  PATH=/usr/sbin:/usr/bin:/sbin:/bin
  failed=0
  for command in "bash scripts/"{demo,test,bench,build}.sh; do
    said=$($command 2>&1) && status=0 || status=$?
    printf "%s\n  %s\n" "$command" "$said"
    [[ $status == 1 && $said == "guestnet needs Node.js"* && $said != *$'\''\n'\''* ]] || {
      echo "  exit status $status, where one line was wanted that says what guestnet needs"
      failed=1
    }
  done
  PATH=$own
  LAB_NODE=/usr/bin/node npx vitest run --project e2e test/e2e/serving.test.ts test/e2e/announcing.test.ts || failed=1
  exit $failed
'

results=()
failed=0
for release in "${releases[@]}"; do
  exec 9>"$cache/lock$release"
  flock -n 9 || die "Debian $release is being tested by somebody else here"
  case $release in
    13) build 13 trixie nodejs npm ;;
    12) build 12 bookworm ca-certificates ;;
  esac
  root=$work/debian$release
  echo "copying the bare Debian $release"
  cp -a "$base" "$root"
  take_settings_along "$root"
  if ((release == 12)); then bring_node "$root"; fi
  mkdir "$root/root/guestnet"
  git archive HEAD | tar -x -C "$root/root/guestnet"
  if ((${#tests[@]})); then
    step "$root" "$cache/debian$release-some.log" "Debian $release, commit $commit: ${tests[*]}" npm test -- "${tests[@]}"
    rm -rf --one-file-system "$root"
    continue
  fi
  for command in demo test; do
    step "$root" "$cache/debian$release-$command.log" "Debian $release, commit $commit: npm run $command" npm run "$command"
  done
  if ((release == 12)); then
    step "$root" "$cache/debian12-refusal.log" "Debian 12, commit $commit: its own Node.js is refused, and runs guestnet" bash -c "$refusal"
  fi
  rm -rf --one-file-system "$root"
done

echo
printf '%s\n' "${results[@]}"
echo "logs are in $cache"
exit "$failed"
