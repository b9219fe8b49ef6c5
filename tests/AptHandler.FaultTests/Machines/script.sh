#!/bin/sh
# Called by every maintainer script of the tests, with the id of its parent, dpkg: here the fault of MACHINE/plan meets a script.
machine=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/AptHandler.FaultTests/Machines/victims.sh
. "$machine/victims.sh"
victim='' place='' number=0
# shellcheck disable=SC1091 # written for each run
[ ! -f "$machine/plan" ] || . "$machine/plan"

dpkg=$1
shift
printf '%s\n' "$*" >>"$machine/scripts"
this=0
while read -r _; do this=$((this + 1)); done <"$machine/scripts"
[ "$place" = script ] && [ "$this" = "$number" ] || exit 0
case $victim in
  script)
    : >"$machine/hit"
    exit 1
    ;;
  dpkg)
    : >"$machine/hit"
    kill -KILL "$dpkg"
    ;;
  ancestors)
    : >"$machine/hit"
    read -r worker <"$machine/worker"
    read -r apt <"$machine/apt"
    kill -STOP "$worker" "$apt" "$dpkg"
    kill -KILL "$worker" "$apt" "$dpkg"
    ;;
  *) strike ;;
esac
# What the script does comes after the death of the others.
sleep 0.5
