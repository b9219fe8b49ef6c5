#!/bin/sh
# Called by apt-get before dpkg, and before it writes the marks of automatically installed packages: with them apt's part of a transaction begins.
machine=${0%/*}
# shellcheck source=tests/AptHandler.FaultTests/Machines/victims.sh
. "$machine/victims.sh"
victim='' place=''
# shellcheck disable=SC1091 # written for each run
[ ! -f "$machine/plan" ] || . "$machine/plan"

[ "$place" = marks ] && [ ! -f "$machine/hit" ] || exit 0
# apt-get starts hooks from a child of its own.
read -r _ _ _ apt _ <"/proc/$PPID/stat"
printf '%s\n' "$apt" >"$machine/apt"
strike
