#!/usr/bin/env bash
# Runs a command as root in its own user and mount namespace. Programs for another architecture run there as if they were for this
# machine. qemu is registered for them in that namespace only. Everything is gone when the last process ends.
#   emulate.sh arm64 COMMAND [ARGUMENT ...]
# Needs root, and Linux 6.7 or a qemu-aarch64 that is registered on the machine.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=scripts/needs.sh
. "$here/needs.sh"

fail() {
  printf 'emulate.sh: %s\n' "$*" >&2
  exit 1
}

[[ ${1:-} == arm64 && $# -ge 2 ]] || { echo "usage: emulate.sh arm64 COMMAND [ARGUMENT ...]" >&2; exit 2; }
[[ $EUID -eq 0 ]] || fail "cannot give a namespace all user ids without being root; use sudo"
need qemu-user-static util-linux >&2

# This process holds the namespaces until the command is in them. It is not a child of this shell, because this shell becomes the command.
# shellcheck disable=SC2016 # for the inner shell
holder=$(unshare --user --mount --propagation private sleep 60 >/dev/null 2>&1 & echo $!)
until [[ $(readlink "/proc/$holder/ns/user") != "$(readlink /proc/self/ns/user)" ]]; do sleep 0.01; done
# Every id is mapped to itself, so that the files of the new root belong to the right users.
for map in uid_map gid_map; do
  awk '{ print $1, $1, $3 }' "/proc/self/$map" >"/proc/$holder/$map" ||
    fail "cannot make a user namespace; see /proc/sys/user/max_user_namespaces"
done

# The header of a program for arm64, and the mask of the bits that count. F: qemu is opened now, because the other root does not have it.
# C: a setuid program gets its rights. P: a program sees the name by which it was called.
# shellcheck disable=SC2016 # for the inner shell
exec nsenter --target "$holder" --user --mount bash -euc '
  holder=$1 folder=$2 formats=/proc/sys/fs/binfmt_misc
  shift 2
  if mount -t binfmt_misc binfmt_misc "$formats" 2>/dev/null; then
    program="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
    mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
    echo ":qemu-aarch64:M::$program:$mask:/usr/bin/qemu-aarch64-static:OCPF" >"$formats/register"
  elif [[ ! -e $formats/qemu-aarch64 ]]; then
    echo "emulate.sh: cannot run programs for arm64: a namespace with binfmt_misc of its own needs Linux 6.7," \
      "and the machine has no qemu-aarch64 registered, which the packages qemu-user-static and binfmt-support do" >&2
    exit 1
  fi
  kill "$holder"
  cd "$folder"
  exec "$@"' emulate.sh "$holder" "$PWD" "${@:2}"
