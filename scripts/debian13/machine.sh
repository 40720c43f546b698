# Sourced by scripts/test-debian13.sh: builds whole Debians 13, which Proxmox VE 9 is built on, and boots them. Needs no
# hardware virtualisation; KVM=1 uses it.
# shellcheck shell=bash

cache=${GUESTNET_CACHE:-${TMPDIR:-/tmp}/guestnet-debian13-test}
base=linux-image-cloud-amd64,systemd,systemd-sysv,udev,dbus,kmod,apparmor,iproute2,iputils-ping,ca-certificates,busybox,hostname,procps

install_missing() {
  local missing=()
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v mkfs.ext4 >/dev/null || missing+=(e2fsprogs)
  command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
  command -v apt-ftparchive >/dev/null || missing+=(apt-utils)
  ((${#missing[@]})) || return 0
  echo "installing Debian packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

# debian NAME PACKAGES [ARCHIVED]: makes $cache/NAME, once: a Debian with these packages. Those of ARCHIVED, with all that they
# need, are not installed but lie in an archive of its own, from which apt takes them without a network.
debian() {
  local root=$cache/$1 packages=$2 archived=${3:-} ready log
  ready=$cache/ready-$1-$(sha256sum <<<"$packages $archived" | cut -c1-12)
  log=$cache/$1.log
  [[ ! -e $ready ]] || return 0
  echo "building Debian 13 in $root (once, about a minute)"
  rm -rf "$root" "$cache/ready-$1"-*
  mkdir -p "$cache"
  debootstrap --variant=minbase --include="$packages" trixie "$root" >"$log" 2>&1 || {
    tail -3 "$log" >&2
    return 1
  }
  sed -i 's#^root:[^:]*:#root::#' "$root/etc/passwd"
  echo pve1 >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 pve1\n' >"$root/etc/hosts"
  cat >"$root/etc/systemd/system/tests.service" <<'S'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=file:/root/output
StandardError=inherit
ExecStart=/bin/sh -c '/root/tests; echo "exit status $?"; sync; systemctl poweroff --force'
[Install]
WantedBy=multi-user.target
S
  ln -sf /etc/systemd/system/tests.service "$root/etc/systemd/system/multi-user.target.wants/tests.service"
  # Nobody logs in, and nobody needs the disk after the end.
  ln -sf /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
  [[ -z $archived ]] || archive "$root" "$archived" >>"$log" 2>&1 || {
    tail -3 "$log" >&2
    return 1
  }
  touch "$ready"
}

archive() {
  local root=$1
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  apt-config dump | grep -E '^Acquire::(https?|Check-)' >"$root/etc/apt/apt.conf.d/99machine" || true
  mkdir -p "$root/root/archive/partial"
  chroot "$root" apt-get update -qq
  # shellcheck disable=SC2086
  chroot "$root" apt-get install -y -qq --no-install-recommends --download-only -o Dir::Cache::Archives=/root/archive ${2//,/ }
  (cd "$root/root/archive" && apt-ftparchive packages . >Packages)
  rm -rf "$root"/var/lib/apt/lists/* "$root/etc/apt/apt.conf.d/99machine"
  echo 'deb [trusted=yes] file:/root/archive ./' >"$root/etc/apt/sources.list"
}

# boot NAME FOLDER: boots a copy of $cache/NAME that has the files of FOLDER in /root, among them the program `tests`; prints what
# that prints. Succeeds if it does.
boot() {
  local root=$cache/$1 work status=0
  work=$(mktemp -d)
  cp -a "$root" "$work/root"
  cp -a "$2/." "$work/root/root/"
  truncate -s 4G "$work/disk"
  mkfs.ext4 -q -d "$work/root" "$work/disk"
  rm -rf "$work/root"
  # Without cmpxchg16b: its emulation corrupts the kernel's allocator now and then.
  local accelerator=(-accel tcg,thread=multi -cpu 'qemu64,-cx16,+ssse3,+sse4.1,+sse4.2,+popcnt')
  # Not by itself: /dev/kvm may be there and not work.
  [[ -z ${KVM:-} ]] || accelerator=(-accel kvm -cpu host)
  echo "booting Debian 13 (${accelerator[1]%%,*})"
  timeout "${LIMIT:-3600}" qemu-system-x86_64 -M q35 -nodefaults "${accelerator[@]}" -smp 2 -m 3072 -display none -no-reboot \
    -kernel "$root"/boot/vmlinuz-* -initrd "$root"/boot/initrd.img-* \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 apparmor=1 security=apparmor" \
    -drive "file=$work/disk,if=none,id=d,format=raw,cache=unsafe" -device virtio-blk-pci,drive=d -device virtio-rng-pci \
    -serial "file:$work/console" || {
    echo "the machine did not come to its end in time" >&2
    tail -25 "$work/console" >&2
  }
  e2fsck -fy "$work/disk" >/dev/null 2>&1 || true
  debugfs -R 'cat /root/output' "$work/disk" 2>/dev/null | tee "$work/output"
  [[ $(tail -1 "$work/output") == "exit status 0" ]] || status=1
  rm -rf "$work"
  return "$status"
}
