import { execa } from 'execa'

/** A program, or a file with an absolute path, that the lab uses, and the Debian package (12 and 13) that has it. */
interface Requirement {
  readonly what: string
  readonly debianPackage: string
}

const REQUIREMENTS: readonly Requirement[] = [
  { what: 'ip', debianPackage: 'iproute2' },
  { what: 'bridge', debianPackage: 'iproute2' },
  { what: 'nft', debianPackage: 'nftables' },
  { what: 'iptables', debianPackage: 'iptables' },
  { what: 'nsenter', debianPackage: 'util-linux' },
  { what: 'mount', debianPackage: 'mount' },
  { what: 'xargs', debianPackage: 'findutils' },
  { what: 'hostname', debianPackage: 'hostname' },
  // For Time::HiRes, which Debian 13's perl-base lacks.
  { what: 'prove', debianPackage: 'perl' },
  { what: 'sysctl', debianPackage: 'procps' },
  { what: 'ps', debianPackage: 'procps' },
  { what: 'ping', debianPackage: 'iputils-ping' },
  { what: 'kea-dhcp4', debianPackage: 'kea-dhcp4-server' },
  { what: 'kea-dhcp6', debianPackage: 'kea-dhcp6-server' },
  { what: 'bird', debianPackage: 'bird2' },
  { what: '/usr/lib/frr/bgpd', debianPackage: 'frr' },
  { what: 'gobgpd', debianPackage: 'gobgpd' },
  { what: 'chromium', debianPackage: 'chromium' },
  { what: '/usr/share/doc/fonts-inter', debianPackage: 'fonts-inter' },
  { what: 'busybox', debianPackage: 'busybox' },
  { what: 'dhclient', debianPackage: 'isc-dhcp-client' },
  { what: 'dhcpcd', debianPackage: 'dhcpcd-base' },
  { what: '/lib/systemd/systemd-networkd', debianPackage: 'systemd' },
  { what: 'tcpdump', debianPackage: 'tcpdump' },
  { what: 'curl', debianPackage: 'curl' },
  { what: 'openssl', debianPackage: 'openssl' },
  { what: 'prometheus', debianPackage: 'prometheus' },
  { what: 'promtool', debianPackage: 'prometheus' },
  { what: '/usr/share/doc/libfaketime', debianPackage: 'libfaketime' },
  { what: 'qemu-system-x86_64', debianPackage: 'qemu-system-x86' },
  { what: '/usr/lib/ipxe/qemu/pxe-virtio.rom', debianPackage: 'ipxe-qemu' },
  { what: 'dh', debianPackage: 'debhelper' },
  { what: 'lintian', debianPackage: 'lintian' },
]

/** The Debian packages that the lab needs and this machine lacks, for `apt-get install`. */
export async function missingPackages(): Promise<string[]> {
  const missing = await Promise.all(
    REQUIREMENTS.map(async ({ what, debianPackage }) => ((await isThere(what)) ? [] : [debianPackage])),
  )
  return [...new Set(missing.flat())]
}

async function isThere(what: string): Promise<boolean> {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
  const { exitCode } = await execa('sh', ['-c', 'command -v "$0"', what], {
    env: { PATH: path },
    reject: false,
  })
  return exitCode === 0
}
