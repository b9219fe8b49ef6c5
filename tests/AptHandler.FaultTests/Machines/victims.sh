# shellcheck shell=sh
# Sourced by dpkg.sh and script.sh: who dies with dpkg, or instead of it. All processes of a machine have its folder in their environment.

# shellcheck disable=SC2154 # machine and victim are those of the scripts
strike() {
  : >"$machine/hit"
  case $victim in
    apt) read -r pid <"$machine/apt" && kill -KILL "$pid" ;;
    worker) read -r pid <"$machine/worker" && kill -KILL "$pid" ;;
    everything) kill_everything ;;
  esac
}

# Stopped before they are killed: the first to die would be missed by the others.
kill_everything() {
  while :; do
    pids=''
    for file in $(env -i /usr/bin/grep -lsF "$machine/" /proc/[0-9]*/environ); do
      pid=${file#/proc/}
      pid=${pid%/environ}
      [ "$pid" = $$ ] || pids="$pids $pid"
    done
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086 # a list
    kill -STOP $pids 2>/dev/null
    # shellcheck disable=SC2086 # a list
    kill -KILL $pids 2>/dev/null
  done
  kill -KILL $$
}
