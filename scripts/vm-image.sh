#!/usr/bin/env bash
# Prints the folder of a minimal Debian with systemd and a kernel (boot/vmlinuz), made at the first call: what virtual machines of the tests are
# made from. Nobody may write to it.
#   vm-image.sh bookworm
# DEBIAN_MIRROR names another mirror.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/needs.sh
. ./needs.sh
# shellcheck source=scripts/cache.sh
. ./cache.sh

suite=${1:-}
[[ $suite =~ ^[a-z]+$ ]] || { echo "usage: vm-image.sh bookworm" >&2; exit 2; }
[[ $EUID -eq 0 ]] || { echo "vm-image.sh: cannot make a Debian for tests without being root; use sudo" >&2; exit 1; }
need mmdebstrap debian-archive-keyring util-linux

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# Of the kernel's package only the kernel: it has drivers enough for a disk and a console, and needs no initial file system, which would be
# most of the work of making and of starting the machine.
# shellcheck disable=SC2016 # run by sh in the new root
fetch_kernel='
  cd /boot
  apt-get -q -o APT::Sandbox::User=root download "$(apt-cache depends linux-image-cloud-amd64 | sed -n "s/^ *Depends: //p")"
  dpkg-deb --fsys-tarfile linux-image-*.deb | tar --extract --directory=/ --wildcards "./boot/vmlinuz-*"
  rm linux-image-*.deb
  mv vmlinuz-* vmlinuz'

# In a mount namespace of its own: nothing stays mounted below a folder that is removed.
# shellcheck disable=SC2016 # $1 is the hook's
make() { # FOLDER
  echo "making a Debian $suite with systemd from $mirror" >&2
  unshare --mount mmdebstrap --quiet --variant=minbase --include=systemd-sysv,dbus \
    --customize-hook="chroot \"\$1\" sh -ec '$fetch_kernel'" \
    --customize-hook='rm -f "$1/etc/apt/sources.list" "$1/etc/resolv.conf"' "$suite" "$1" "$mirror"
}

cached "vm-$suite-$(sha256sum vm-image.sh | cut -c 1-12)" make ||
  { echo "vm-image.sh: cannot make a Debian $suite from $mirror; name another mirror in DEBIAN_MIRROR" >&2; exit 1; }
