# shellcheck shell=bash
# Sourced by the scripts that make a Debian for tests. DEBIAN_MIRROR names another mirror; BULLSEYE_MIRROR one for Debian 11, for the day when
# that moves to http://archive.debian.org/debian.
# shellcheck source=scripts/needs.sh
. ./needs.sh
# shellcheck source=scripts/cache.sh
. ./cache.sh

# Prints the folder of a minimal Debian, made at the first call. Nobody may write to it.
debian() { # KIND SUITE [OPTION of mmdebstrap ...]
  local script=${0##*/} kind=$1 suite=$2 options=("${@:3}") mirror recipe
  [[ $suite =~ ^[a-z]+$ ]] || { echo "usage: $script bullseye|bookworm|trixie [ARCHITECTURE]" >&2; return 2; }
  [[ $EUID -eq 0 ]] || { echo "$script: cannot make a Debian for tests without being root; use sudo" >&2; return 1; }
  need mmdebstrap debian-archive-keyring util-linux
  mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
  [[ $suite != bullseye ]] || mirror=${BULLSEYE_MIRROR:-$mirror}
  # Another mirror or another recipe makes another one.
  recipe=$({ cat debian.sh; printf '%s\n' "$mirror" "${options[@]}"; } | sha256sum | cut -c 1-12)
  cached "$kind-$suite-$recipe" bootstrap ||
    { echo "$script: cannot make a Debian $suite from $mirror; name another mirror in DEBIAN_MIRROR or BULLSEYE_MIRROR" >&2; return 1; }
}

# The same for an architecture. One for another than this machine's has no device files, because those cannot be made in a user namespace.
debian_for() { # ARCHITECTURE KIND SUITE [OPTION of mmdebstrap ...]
  if [[ $1 == "$(dpkg --print-architecture)" ]]; then
    debian "${@:2}"
    return
  fi
  need mmdebstrap debian-archive-keyring util-linux
  # A folder of its own for what mmdebstrap mounts in the new root: the machine's cannot be handed on while something else is mounted in it.
  # shellcheck disable=SC2016 # for the inner shell
  ./emulate.sh "$1" bash -euc 'mount -t tmpfs tmpfs /dev/shm; . ./debian.sh; debian "$@"' "$0" "${@:2}" \
    --architectures="$1" --mode=root --skip=check/qemu
}

# In a mount namespace of its own: nothing stays mounted below a folder that is removed.
# shellcheck disable=SC2016 # $1 is the hook's
bootstrap() { # FOLDER
  echo "making a Debian $suite from $mirror"
  unshare --mount mmdebstrap --quiet --variant=minbase "${options[@]}" \
    --customize-hook='rm -f "$1/etc/apt/sources.list" "$1/etc/resolv.conf"' "$suite" "$1" "$mirror"
}
