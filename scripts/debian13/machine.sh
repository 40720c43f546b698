# Sourced by scripts/test-debian13.sh: builds whole Debians and boots them. Needs no hardware virtualisation; KVM=1 uses it.
# shellcheck shell=bash

# Who sources it has made the folder $work, which it removes at its end, and calls `end_machines`. The keys are processes.
declare -A machines=()
end_machines() { ((${#machines[@]} == 0)) || kill "${!machines[@]}" 2>/dev/null || true; }
cache=${GUESTNET_CACHE:-${TMPDIR:-/tmp}/guestnet-debian-test}
# Seconds until a machine is ended.
limit=${LIMIT:-7200}
base=linux-image-cloud-amd64,systemd,systemd-sysv,udev,dbus,kmod,apparmor,iproute2,iputils-ping,ca-certificates,busybox,hostname,procps,isc-dhcp-client

install_missing() {
  local missing=()
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v mkfs.ext4 >/dev/null || missing+=(e2fsprogs)
  command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
  command -v apt-ftparchive >/dev/null || missing+=(apt-utils)
  # On Debian 12 it comes with QEMU.
  [[ -n $(share_program) ]] || grep -q 'VERSION_ID="12"' /etc/os-release || missing+=(virtiofsd)
  ((${#missing[@]})) || return 0
  echo "installing Debian packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}

# debian NAME RELEASE PACKAGES [ARCHIVED]: makes $cache/NAME.{disk,kernel,initrd}, once: a Debian with these packages, such as trixie.
# Those of ARCHIVED, with all that they need, are not installed but lie in an archive of its own, from which apt takes them
# without a network.
debian() {
  local name=$1 release=$2 packages=$3 archived=${4:-} ready log root
  ready=$cache/ready-$name-$({ echo "$release $packages $archived" && declare -f prepare archive; } | sha256sum | cut -c1-12)
  log=$cache/$name.log
  root=$cache/$name.root
  [[ ! -e $ready ]] || return 0
  echo "building a Debian ($release) in $cache (once, about two minutes)"
  rm -rf --one-file-system "$root" "$cache/ready-$name"-*
  mkdir -p "$cache"
  {
    debootstrap --variant=minbase --include="$packages" "$release" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} &&
      prepare "$root" &&
      { [[ -z $archived ]] || archive "$root" "$archived"; } &&
      cp "$root"/boot/vmlinuz-* "$cache/$name.kernel" &&
      cp "$root"/boot/initrd.img-* "$cache/$name.initrd" &&
      disk "$root" "$cache/$name.disk" 1500
  } >"$log" 2>&1 || {
    tail -3 "$log" >&2
    return 1
  }
  rm -rf --one-file-system "$root"
  touch "$ready"
}

# What runs the tests: the program `tests` of the second disk, by the second serial port, so that it is seen while it runs.
prepare() {
  local root=$1
  sed -i 's#^root:[^:]*:#root::#' "$root/etc/passwd"
  printf '127.0.0.1 localhost pve1\n' >"$root/etc/hosts"
  cat >"$root/etc/systemd/system/tests.service" <<'S'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'stty raw </dev/ttyS1; mount /dev/vdb /srv; cd /srv; { ./tests; echo "exit status $?"; } >/dev/ttyS1 2>&1; systemctl poweroff --force'
[Install]
WantedBy=multi-user.target
S
  ln -sf /etc/systemd/system/tests.service "$root/etc/systemd/system/multi-user.target.wants/tests.service"
  # Nobody logs in, and nobody needs the disk after the end.
  ln -sf /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
  # A service that a test wants is started by it.
  chroot "$root" systemctl --quiet disable kea-dhcp4-server kea-dhcp6-server bird openvswitch-switch 2>/dev/null || true
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
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

# disk FOLDER FILE FREE: a file system with what is in a folder, and FREE megabytes.
disk() {
  local size
  size=$(du -sm "$1" | cut -f1)
  rm -f "$2"
  truncate -s "$((size * 5 / 4 + $3))M" "$2"
  mkfs.ext4 -q -d "$1" "$2"
}

# start NAME HOST FOLDER OWN [OPTION...]: boots a Debian, of which nothing stays, as HOST with the folder's files in /srv, among them
# the program `tests`, in the background; OPTIONs are for QEMU. Sets `machine` to its process. In OWN are `said`, what `tests`
# prints, `console`, what the machine and its journal say, and `monitor`, QEMU's monitor, by which it can be looked into and stopped.
start() {
  local name=$1 host=$2 folder=$3 own=$4
  shift 4
  mkdir -p "$own"
  disk "$folder" "$own/files" 200
  # Without cmpxchg16b: its emulation corrupts the kernel's allocator now and then.
  local id accelerator=(-accel tcg,thread=multi -cpu 'qemu64,-cx16,+ssse3,+sse4.1,+sse4.2,+popcnt')
  # Not by itself: /dev/kvm may be there and not work.
  [[ -z ${KVM:-} ]] || accelerator=(-accel kvm -cpu host)
  # Machines of one disk would have one id, and systemd makes links' addresses of it and their names: the same on both ends of a wire.
  id=$(md5sum <<<"$host" | cut -d' ' -f1)
  echo "booting $name as $host (${accelerator[1]%%,*})"
  : >"$own/said"
  timeout "$limit" qemu-system-x86_64 -M q35 -nodefaults "${accelerator[@]}" -smp 2 -m 3072 -display none -no-reboot \
    -kernel "$cache/$name.kernel" -initrd "$cache/$name.initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off apparmor=1 security=apparmor systemd.hostname=$host systemd.machine_id=$id systemd.journald.forward_to_console=1" \
    -drive "file=$cache/$name.disk,if=none,id=a,format=raw,snapshot=on" -device virtio-blk-pci,drive=a \
    -drive "file=$own/files,if=none,id=b,format=raw,cache=unsafe" -device virtio-blk-pci,drive=b \
    -device virtio-rng-pci -serial "file:$own/console" -serial "file:$own/said" \
    -monitor "unix:$own/monitor,server,nowait" "$@" &
  machine=$!
  machines[$machine]=$host
}

# finish MACHINE OWN: waits for the end of what `start` has begun. Succeeds if `tests` does.
finish() {
  local status=0
  wait "$1" || {
    echo "the machine did not come to its end within $limit s"
    status=1
  } >&2
  unset "machines[$1]"
  [[ $(tail -1 "$2/said") == "exit status 0" ]] || status=1
  ((status == 0)) || { echo "--- what the machine said last" && tail -100 "$2/console"; } >&2
  return "$status"
}

# gave_up OWN: whether its kernel did, before it ran anything. Emulated it does now and then: where the kernel replaces an instruction
# of its own, one processor still has the trap that stood there meanwhile when another one says that all is done.
gave_up() { [[ ! -s $1/said ]] && grep -q 'Kernel panic' "$1/console"; }

# boot NAME FOLDER: prints what `tests` in the folder prints on a Debian that is booted for it. Succeeds if that does.
boot() {
  local own=$work/machine machine status try
  for try in 1 2 3; do
    status=0
    start "$1" pve1 "$2" "$own"
    tail -n +1 -f --pid="$machine" "$own/said" &
    finish "$machine" "$own" || status=1
    wait
    gave_up "$own" || break
    echo "its kernel gave up while it booted, for the ${try}. time" >&2
  done
  return "$status"
}

# boot_two NAME FOLDER: the same on two at once, pve1 and pve2, with one wire between them and one /etc/pve, as a cluster has it.
boot_two() {
  local name=$1 folder=$2 status=0 number other host machine both=()
  mkdir "$work/cluster"
  for number in 1 2; do
    other=$((3 - number)) host=pve$number
    "$(share_program)" --socket-path="$work/$host.share" -o "source=$work/cluster" -o cache=none -o sandbox=chroot >"$work/$host.shared" 2>&1 &
    until [[ -S $work/$host.share ]]; do
      [[ -d /proc/$! ]] || { cat "$work/$host.shared" && return 1; }
      sleep 0.1
    done
    start "$name" "$host" "$folder" "$work/$host" \
      -machine memory-backend=ram -object memory-backend-memfd,id=ram,size=3072M,share=on \
      -chardev "socket,id=share,path=$work/$host.share" -device vhost-user-fs-pci,chardev=share,tag=cluster \
      -netdev "dgram,id=wire,local.type=unix,local.path=$work/wire$number,remote.type=unix,remote.path=$work/wire$other" \
      -device "virtio-net-pci,netdev=wire,mac=52:54:00:ff:ff:0$number,romfile="
    both+=("$machine")
    tail -n +1 -f --pid="$machine" "$work/$host/said" | sed -u "s/^/$host: /" &
  done
  for number in 1 2; do finish "${both[number - 1]}" "$work/pve$number" || status=1; done
  wait
  return "$status"
}

# What a folder of this machine is shared by: of QEMU's own package on Debian 12, of a package of its own on Debian 13.
share_program() { find /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd -maxdepth 0 2>/dev/null | head -1; }
