#!/usr/bin/env bash
# Prints the folder of a minimal Debian, made at the first call. Nobody may write to it: tests lay an overlay over it.
#   device-root.sh bullseye|bookworm|trixie
# DEBIAN_MIRROR names another mirror; BULLSEYE_MIRROR one for Debian 11, for the day when that moves to http://archive.debian.org/debian.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/needs.sh
. ./needs.sh
# shellcheck source=scripts/cache.sh
. ./cache.sh

suite=${1:-}
[[ $suite =~ ^[a-z]+$ ]] || { echo "usage: device-root.sh bullseye|bookworm|trixie" >&2; exit 2; }
[[ $EUID -eq 0 ]] || { echo "device-root.sh: cannot make a Debian for tests without being root; use sudo" >&2; exit 1; }
need mmdebstrap debian-archive-keyring util-linux

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
[[ $suite != bullseye ]] || mirror=${BULLSEYE_MIRROR:-$mirror}

# In a mount namespace of its own: nothing stays mounted below a folder that is removed.
# shellcheck disable=SC2016 # $1 is the hook's
make() { # FOLDER
  echo "making a Debian $suite from $mirror" >&2
  unshare --mount mmdebstrap --quiet --variant=minbase \
    --customize-hook='rm -f "$1/etc/apt/sources.list" "$1/etc/resolv.conf"' "$suite" "$1" "$mirror" >&2
}

# Another mirror or another recipe makes another one.
name=root-$suite-$({ cat device-root.sh; printf '%s' "$mirror"; } | sha256sum | cut -c 1-12)
cached "$name" make || {
  echo "device-root.sh: cannot make a Debian $suite from $mirror; name another mirror in DEBIAN_MIRROR or BULLSEYE_MIRROR" >&2
  exit 1
}
