#!/usr/bin/env bash
# Checks the role of contrib/ansible with ansible-lint, and runs it on two Debians with systemd, in containers of LXC, that share
# one /etc/pve. Each is a node of its own, in a network of its own, with a guest; Ansible reaches them by ssh.
set -euo pipefail
usage='npm run test:ansible

Makes the package and two Debians 12 (built once, some minutes) and runs the role of contrib/ansible on them: installing, changing
nothing the second time, a new policy, taking over from predecessors, and a node that does not become well.

Needs root and network access for Debian packages; installs what is missing. The settings of apt of this machine are used.

  DEBIAN_MIRROR=URL      where Debian comes from; by default where debootstrap finds it
  GUESTNET_CACHE=FOLDER  keeps the Debian for the next time; by default below the temporary folder'
case ${1:-} in -h | --help) echo "$usage" && exit ;; esac

cd "$(dirname "$0")/.."
bash scripts/setup.sh
# shellcheck source=scripts/bareDebian.sh
source scripts/bareDebian.sh
install_missing debootstrap:debootstrap lxc-start:lxc ansible-playbook:ansible-core ansible-lint:ansible-lint ssh:openssh-client
(cd contrib/ansible && ansible-lint --offline --nocolor -q site.yml roles/guestnet)
echo "ansible-lint: nothing found"

cache=${GUESTNET_CACHE:-${TMPDIR:-/tmp}/guestnet-container-test}
system_debian "$cache/system"
bash scripts/package.sh
bash scripts/ansible/tests "$cache/system" dist/guestnet_*_all.deb
