#!/bin/sh
# Stands in for dpkg where apt's configuration names it: runs the real one, with the fault that MACHINE/plan asks for.
machine=${0%/*}
# shellcheck source=tests/AptHandler.FaultTests/Machines/victims.sh
. "$machine/victims.sh"
count='' victim='' place='' call=0 system_call='' number=0
# shellcheck disable=SC1091 # written for each run
[ ! -f "$machine/plan" ] || . "$machine/plan"

printf '%s\n' "$PPID" >"$machine/apt"
printf '%s\n' "$*" >>"$machine/calls"
this=0
while read -r _; do this=$((this + 1)); done <"$machine/calls"

# shellcheck disable=SC2154 # the plan's
[ -z "$count" ] || exec strace -qq -o "$machine/calls.$this" -e trace="$count" /usr/bin/dpkg "$@"
[ "$this" = "$call" ] || exec /usr/bin/dpkg "$@"
case $place in
  before)
    strike
    exec /usr/bin/dpkg "$@"
    ;;
  after)
    /usr/bin/dpkg "$@"
    status=$?
    strike
    exit "$status"
    ;;
  at)
    strace -qq -o "$machine/trace" -e trace="$system_call" -e inject="$system_call:signal=SIGKILL:when=$number" /usr/bin/dpkg "$@"
    status=$?
    [ "$status" = 137 ] || exit "$status"
    strike
    # To its parent this is dpkg, which was killed.
    kill -KILL $$
    ;;
esac
exec /usr/bin/dpkg "$@"
