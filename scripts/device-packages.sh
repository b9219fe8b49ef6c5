#!/usr/bin/env bash
# Prints a folder with packages of Debian 12, made at the first call: a signed repository in its opt/debian. It is a layer of devices of the
# tests, which have no network. Nobody may write to it. Some packages are there a second time, as a later version: with "+next" behind the
# version, and a line more in each configuration file and in the copyright.
#   device-packages.sh
# DEBIAN_MIRROR names another mirror.
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/needs.sh
. ./needs.sh
# shellcheck source=scripts/cache.sh
. ./cache.sh

# With all that they need on a device.
packages=(docker.io postgresql-15 nginx-light openssh-server perl zlib1g:i386 dpkg-repack)
# A device has these from the beginning.
present=(libc6 libc-bin perl perl-base perl-modules-5.36 libperl5.36)
raised=("${present[@]}" nginx nginx-common openssh-server openssh-client openssh-sftp-server)

# As apt would do it on a device.
fetch() { # POOL WORK-FOLDER
  mkdir -p "$2"/{etc/apt.conf.d,etc/preferences.d,lists/partial,cache/archives/partial}
  cp "$root/var/lib/dpkg/status" "$2/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >"$2/etc/sources.list"
  cat >"$2/apt.conf" <<TEXT
Dir::Etc "$2/etc";
Dir::State "$2";
Dir::State::status "$2/status";
Dir::Cache "$2/cache";
APT::Architecture "amd64";
APT::Architectures { "amd64"; "i386"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
TEXT
  local -x APT_CONFIG=$2/apt.conf
  apt-get -q --error-on=any update
  apt-get -q -y --download-only --no-install-recommends install "${packages[@]}"
  mv "$2"/cache/archives/*.deb "$1"
  (cd "$1" && apt-get -q download "${present[@]}")
}

# dpkg-deb without compression: that is quick.
raise() { # POOL WORK-FOLDER ARCHIVE
  local version path
  version=$(dpkg-deb --field "$3" Version)
  dpkg-deb --raw-extract "$3" "$2"
  sed -i "s/^Version: .*/&+next/; s/(= ${version//./\\.})/(= $version+next)/g" "$2/DEBIAN/control"
  for path in "$2"/usr/share/doc/*/copyright; do [[ ! -f $path || -h $path ]] || echo 'Raised for a test.' >>"$path"; done
  while read -r path; do echo '# next' >>"$2$path"; done < <(cat "$2/DEBIAN/conffiles" 2>/dev/null)
  (cd "$2" && find . \( -path ./DEBIAN -o -path ./etc \) -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb -Znone --build "$2" "$1" >/dev/null
  rm -r "$2"
}

make_repository() { # FOLDER
  local pool=$1/opt/debian/pool name archive
  mkdir -p "$pool"
  fetch "$pool" "$1/work"
  rm -r "$1/work"
  for name in "${raised[@]}"; do
    for archive in "$pool/${name}"_*.deb; do raise "$pool" "$1/work" "$archive"; done
  done
  ./private-root.sh index "$1/opt/debian"
  # Nobody adds to it.
  rm -r "$1/opt/debian/keys"
}

# By itself: where its exit status is looked at, the shell would go on after an error.
publish() { ./device-packages.sh --into "$1"; }

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
need apt-utils gnupg debian-archive-keyring
root=$(./device-root.sh bookworm)
[[ ${1:-} != --into ]] || { make_repository "$2"; exit; }
recipe=$({ cat device-packages.sh; printf '%s\n' "$mirror" "$root"; } | sha256sum | cut -c 1-12)
cached "packages-bookworm-$recipe" publish ||
  { echo "device-packages.sh: cannot fetch packages of Debian bookworm from $mirror; name another mirror in DEBIAN_MIRROR" >&2; exit 1; }
