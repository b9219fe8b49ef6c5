#!/usr/bin/env bash
# Prints the path of a minimal Debian root, made once and kept in the cache. Nobody may write to it: tests lay an overlay over it.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh

suite=${1:-}
[[ $suite =~ ^[a-z]+$ ]] || { echo "usage: device-root.sh SUITE (bullseye, bookworm, trixie)" >&2; exit 2; }
[[ $EUID -eq 0 ]] || { echo "device-root.sh: cannot make a root without being root; run it with sudo" >&2; exit 1; }

# What is in the root, and so the key of the cache: raise the number when something below changes that the name does not tell.
recipe=minbase-1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/du-apt-handler
root=$cache/root-$suite-$recipe

make() { # FOLDER
  rm -rf "$1"
  local options
  need mmdebstrap debian-archive-keyring
  options=$(mktemp)
  # shellcheck disable=SC2064 # the file's name is wanted as it is now
  trap "rm -rf '$options' '$1'" EXIT
  # How this machine reaches a mirror (proxy, clock) counts for the new root's first packages, and not afterwards.
  apt-config dump --format '%F "%v";%n' Acquire | grep -E '^Acquire::(https?::|Check-|Retries|Force)' >"$options" || true
  # A mount namespace of its own: nothing stays mounted below the folder that the trap removes.
  # shellcheck disable=SC2016 # $1 is the hook's
  unshare --mount mmdebstrap --quiet --variant=minbase --aptopt="$options" \
    --customize-hook='rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/sources.list "$1"/etc/resolv.conf' \
    "$suite" "$1" "${DU_APT_MIRROR:-http://deb.debian.org/debian}" >&2
}

mkdir -p "$cache"
exec 9>"$root.lock"
flock 9
if [[ ! -d $root ]]; then
  make "$root.new"
  mv -T "$root.new" "$root"
fi
echo "$root"
