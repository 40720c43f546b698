#!/usr/bin/env bash
# Tests both ways of docs/container.md on a simulated node: the image of contrib/container, built from its Dockerfile and run by
# Podman, and the package in a container of LXC with systemd; and there, what docs/install.md says of a package that comes and goes.
set -euo pipefail
usage='npm run test:container [-- image | lxc | package]

Makes the package and runs test/e2e/container.test.ts in the network of a simulated node: with the image of contrib/container, by
Podman, then with the package in a container of LXC. Then the package is installed, removed and purged in such a container: what it says,
its journal, and what is left. The Debians that all are built on are made by debootstrap, once; nothing comes from a registry of images.

Needs root and network access for Debian packages; installs what is missing. The settings of apt of this machine are used.

  DEBIAN_MIRROR=URL      where Debian comes from; by default where debootstrap finds it
  GUESTNET_CACHE=FOLDER  keeps the Debian for the next time; by default below the temporary folder'
what=${1:-all}
case $what in
  -h | --help) echo "$usage" && exit ;;
  all | image | lxc | package) ;;
  *) echo "image, lxc or package, not '$what'; --help tells more" >&2 && exit 1 ;;
esac

cd "$(dirname "$0")/.."
bash scripts/setup.sh
# shellcheck source=scripts/bareDebian.sh
source scripts/bareDebian.sh
install_missing podman:podman crun:crun lxc-start:lxc debootstrap:debootstrap
cache=${GUESTNET_CACHE:-${TMPDIR:-/tmp}/guestnet-container-test}
work=$(mktemp -d)
trap 'podman system reset --force >/dev/null 2>&1; rm -rf --one-file-system "$work"' EXIT

# Storage of its own; no use of control groups, which a machine's own service manager may claim.
cat >"$work/containers.conf" <<C
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
C
cat >"$work/storage.conf" <<C
[storage]
driver = "overlay"
graphroot = "$work/storage"
runroot = "$work/run"
C
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf BUILDAH_ISOLATION=chroot

rm -f dist/guestnet_*_all.deb
bash scripts/package.sh

test_image() {
  bare_debian "$cache/base" trixie minbase ca-certificates
  tar -C "$cache/base" -c . | podman import --quiet - guestnet-base >/dev/null
  mkdir "$work/context"
  cp contrib/container/{Dockerfile,start} dist/guestnet_*_all.deb "$work/context/"
  echo "building the image"
  podman build --quiet --format docker --build-arg BASE=localhost/guestnet-base --tag guestnet "$work/context" >"$work/log" 2>&1 || {
    tail -30 "$work/log" >&2
    return 1
  }
  podman images --format '{{.Repository}} {{.Size}}'
  # crun takes no mixture of both versions of control groups, which it is not to use anyway.
  # shellcheck disable=SC2016 # expanded by the inner shell
  GUESTNET_IMAGE=localhost/guestnet unshare --mount sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"' sh \
    npx vitest run --project e2e test/e2e/container.test.ts
}

test_lxc() {
  system_debian "$cache/system"
  echo "installing the package in a copy of it"
  cp -a "$cache/system" "$work/system"
  cp dist/guestnet_*_all.deb "$work/system/root/"
  chroot "$work/system" sh -c 'dpkg --install /root/guestnet_*_all.deb' >"$work/log" 2>&1 || {
    tail -30 "$work/log" >&2
    return 1
  }
  GUESTNET_LXC=$work/system npx vitest run --project e2e test/e2e/container.test.ts
}

test_package() {
  system_debian "$cache/system"
  bash scripts/lxc/package-tests "$cache/system" dist/guestnet_*_all.deb
}

for each in image lxc package; do
  [[ $what != all && $what != "$each" ]] || "test_$each"
done
