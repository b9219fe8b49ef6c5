#!/usr/bin/env bash
# Prints the folder of a minimal Debian with systemd and a kernel (boot/vmlinuz), which the first call makes. The virtual machines of the
# tests are made from it. Nobody may write to it.
#   vm-image.sh bullseye|bookworm|trixie [ARCHITECTURE]
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/debian.sh
. ./debian.sh

# Takes only the kernel file from the kernel's package. It has the drivers for a disk and a console. An initial file system is not needed,
# and would be most of the work of making and starting the machine.
# shellcheck disable=SC2016 # run by sh in the new root
fetch_kernel='
  cd /boot
  apt-get -q -o APT::Sandbox::User=root download "$(apt-cache depends "linux-image-cloud-$(dpkg --print-architecture)" | sed -n "s/^ *Depends: //p")"
  dpkg-deb --fsys-tarfile linux-image-*.deb | tar --extract --directory=/ --wildcards "./boot/vmlinuz-*"
  rm linux-image-*.deb
  mv vmlinuz-* vmlinuz'

debian_for "${2:-$(dpkg --print-architecture)}" vm "${1:-}" --include=systemd-sysv,dbus --customize-hook="chroot \"\$1\" sh -ec '$fetch_kernel'"
