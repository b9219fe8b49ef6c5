#!/usr/bin/env bash
# Prints the folder of a Debian 11 sysroot, made at the first call. What is linked against it runs on glibc 2.31 and later.
#   sysroot.sh [amd64|arm64|armhf]
# BULLSEYE_MIRROR names another mirror, for the day when Debian 11 moves to http://archive.debian.org/debian.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/needs.sh
. ./needs.sh
# shellcheck source=scripts/cache.sh
. ./cache.sh

architecture=${1:-$(dpkg --print-architecture)}
mirror=${BULLSEYE_MIRROR:-http://deb.debian.org/debian}
# Naming the keys here binds the check of the signature to them; mmdebstrap's own --keyring is only one of the places it looks at.
source="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main"

# mmdebstrap writes a tar file because this also works without root, where a folder would belong to users of another name space.
extract() { # FOLDER
  mmdebstrap --quiet --variant=extract --architectures="$architecture" \
    --include=libc6-dev,libgcc-10-dev,libstdc++-10-dev,zlib1g-dev,linux-libc-dev bullseye - "$source" |
    tar --extract --directory="$1" --no-same-owner --exclude='./dev' --exclude='./usr/share'
}

# An absolute link would lead the linker to this machine's own libraries.
make_links_relative() { # FOLDER
  local link
  find "$1" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    ln -snf "$(realpath --canonicalize-missing --no-symlinks --relative-to="${link%/*}" "$1$(readlink "$link")")" "$link" || return
  done
}

make() { # FOLDER
  echo "making a Debian 11 sysroot for $architecture from $mirror"
  extract "$1" && make_links_relative "$1"
}

case $architecture in
  amd64 | arm64 | armhf) ;;
  *) echo "sysroot.sh: cannot make a sysroot for $architecture; Debian 11 is used for amd64, arm64 and armhf" >&2; exit 2 ;;
esac
need mmdebstrap debian-archive-keyring

# Another recipe makes another sysroot.
cached "sysroot-$architecture-$(sha256sum sysroot.sh | cut -c 1-12)" make || {
  echo "sysroot.sh: cannot make a Debian 11 sysroot from $mirror; where Debian 11 has moved, name its mirror in BULLSEYE_MIRROR" >&2
  exit 1
}
