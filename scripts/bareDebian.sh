# Sourced by the scripts that test in Debians of their own.
# shellcheck shell=bash

# install_missing PROGRAM:PACKAGE...: installs the Debian packages of the programs that this machine lacks, and says so.
install_missing() {
  local each missing=()
  for each; do
    command -v "${each%%:*}" >/dev/null || missing+=("${each##*:}")
  done
  ((${#missing[@]})) || return 0
  echo "installing Debian packages: ${missing[*]}"
  apt-get update -qq
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

# bare_debian FOLDER RELEASE VARIANT PACKAGES: makes a Debian there, once, that reaches packages as this machine does.
bare_debian() {
  local root=$1 ready
  ready=$root.ready-$(sha256sum <<<"${*:2} ${DEBIAN_MIRROR:-}" | cut -c1-12)
  [[ ! -e $ready ]] || return 0
  echo "building a Debian ($2) in $root (once, about a minute)"
  rm -rf --one-file-system "$root" "$root".ready-*
  mkdir -p "${root%/*}"
  debootstrap --variant="$3" --include="$4" "$2" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$root.log" 2>&1 || {
    tail -3 "$root.log" >&2
    return 1
  }
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  apt-config dump | grep -E '^Acquire::(https?|Check-)' >"$root/etc/apt/apt.conf.d/99machine" || true
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
  touch "$ready"
}

# system_debian FOLDER: a Debian 12 there, once, with systemd, ssh, Python and what the package depends on. The systemd of Debian 13
# does not start in a container of a machine whose control groups are of version 1.
system_debian() {
  local packages=systemd,systemd-sysv,dbus,openssh-server,python3,python3-apt,iproute2,ca-certificates,busybox,procps,netbase service
  bare_debian "$1" bookworm minbase "$packages,kea-dhcp4-server,kea-dhcp6-server,bird2,nftables,nodejs,perl,perl-modules-5.36" || return
  for service in kea-dhcp4-server kea-dhcp6-server bird; do
    systemctl --root="$1" --quiet disable "$service"
  done
}
