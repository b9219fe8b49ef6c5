#!/usr/bin/env bash
# A fleet on one machine: simulate-fleet.sh [DEVICES [AT-ONCE]]. Each device is a private root with real apt and dpkg. All follow one
# channel behind one nginx: version 1, promotion, version 2 with a tenth of the devices in trouble, and the way back. Prints how many
# devices are at which fingerprint, and ends with 1 if a device is at a wrong one. TMPDIR=/dev/shm keeps the devices in memory: 200 devices
# on one disk wait for that disk, which does not happen in a real fleet.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need aptly nginx-light gnupg apt-utils procps

devices=${1:-200} at_once=${2:-16} packages=20
[[ $devices =~ ^[1-9][0-9]*$ && $at_once =~ ^[1-9][0-9]*$ ]] || { echo "usage: simulate-fleet.sh [DEVICES [AT-ONCE]]" >&2; exit 2; }
[[ -x artifacts/du-apt ]] || scripts/build.sh >/dev/null
export top=$PWD work port
work=$(mktemp -d -t fleet.XXXXXX)
chmod 0755 "$work"
server=
finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
export XDG_CACHE_HOME=$work/cache

du_apt() { "$top/artifacts/du-apt" "$@"; }
device() { printf '%s/device-%s' "$work" "$1"; }
# The trouble that version 2 has on a device. Nine of ten devices have none.
trouble() { # NUMBER
  local kinds=(script kill hold network)
  (($1 % 10 == 0)) && printf '%s' "${kinds[$1 / 10 % 4]}"
  return 0
}

install_device() { # NUMBER: a device that knows the channel and has no package
  local root
  root=$(device "$1")
  "$top/scripts/private-root.sh" create "$root" "http://127.0.0.1:$port" "$work/store/public/key.asc"
  cp "$work/prod.sources" "$root/etc/apt/sources.list.d/private.sources"
}

deploy() { # NUMBER VERSION: writes the result into DEVICE/VERSION.log
  local root manifest=$work/version-$2.json how=
  root=$(device "$1")
  [[ $2 != 2 ]] || how=$(trouble "$1")
  case $how in
    script | kill) : >"$root/$how" ;;
    hold) "$top/scripts/private-root.sh" dpkg "$root" --set-selections <<<"edge-part-1 hold" ;;
    network) sed -i "s/127.0.0.1:$port/127.0.0.1:1/" "$root/etc/apt/sources.list.d/private.sources" ;;
  esac
  # The process that a maintainer script kills, if that is the trouble.
  # shellcheck disable=SC2016 # for the other shell
  { sh -c 'echo $$ >"$1/worker"; shift; exec "$@"' sh "$root" "$top/artifacts/du-apt" deploy "$manifest" --config "$root/config.json" >"$root/$2.log" 2>&1 || true; } 2>/dev/null
  case $how in
    script) rm "$root/script" ;;
    kill)
      # The next process finds the interrupted update.
      rm "$root/kill"
      du_apt recover --config "$root/config.json" >>"$root/$2.log" 2>&1 || true
      ;;
    hold) "$top/scripts/private-root.sh" dpkg "$root" --set-selections <<<"edge-part-1 install" ;;
    network) cp "$work/prod.sources" "$root/etc/apt/sources.list.d/private.sources" ;;
  esac
}

fingerprint() { # NUMBER
  du_apt state --json --config "$(device "$1")/config.json" | sed -n '/"fingerprints"/,$s/.*"packages": "\(.*\)".*/\1/p'
}
stand() { # NUMBER
  printf '%s %s\n' "$1" "$(fingerprint "$1")"
}
export -f du_apt device trouble install_device deploy fingerprint stand

all() { # FUNCTION [ARGUMENT]: for every device, several at once
  seq "$devices" | xargs -P "$at_once" -I{} bash -c '"$@"' bash "$1" {} "${@:2}"
}

should_stand() { # VERSION: the goal of each device, when the devices without trouble are at this version
  local i goal
  for i in $(seq "$devices"); do
    goal=$one
    if [[ $1 == 2 ]]; then
      # On a killed device, recover finishes the update. The other troubles keep a device at its old version.
      case $(trouble "$i") in script | hold | network) ;; *) goal=$two ;; esac
    fi
    printf '%s %s\n' "$i" "$goal"
  done
}

phase() { # TITLE VERSION FUNCTION [ARGUMENT]: VERSION is the goal of the devices without trouble
  local begin=$EPOCHREALTIME took stand astray
  "${@:3}"
  took=$(awk -v from="$begin" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
  all stand | sort >"$work/stands"
  stand=$(cut -d' ' -f2 "$work/stands" | sort | uniq -c | sort -rn | awk -v one="$one" -v two="$two" -v none="$none" \
    '{ name = $2 == one ? "version 1" : $2 == two ? "version 2" : $2 == none ? "nothing" : "elsewhere (" $2 ")"; printf "%s%s %s", (NR > 1 ? ", " : ""), $1, name }')
  printf '| %s | %s s | %s |\n' "$1" "$took" "$stand"
  astray=$(should_stand "$2" | sort | comm -13 - "$work/stands" | cut -d' ' -f1 | sort -n | paste -sd' ')
  [[ -z $astray ]] || { echo "simulate-fleet.sh: after \"$1\" these devices do not stand where they should: $astray" >&2; status=1; }
}

# Two versions of the same packages. The second one causes the trouble.
words=()
for i in $(seq "$packages"); do words+=(--and "edge-part-$i" 1.0 --size 20 --and "edge-part-$i" 2.0 --size 20); done
# shellcheck disable=SC2016 # for the script of the package
words+=(--and edge-last 1.0 --and edge-last 2.0
  --script 'preinst=[ ! -e "$DPKG_ROOT/script" ]'
  --script 'postinst=[ ! -e "$DPKG_ROOT/kill" ] || { kill -KILL "$(cat "$DPKG_ROOT/worker")"; sleep 1; exit 1; }')
scripts/private-root.sh package "$work/pool" "${words[@]:1}"
scripts/private-root.sh index "$work/pool"
printf 'Types: deb\nURIs: copy:%s\nSuites: stable\nComponents: main\nSigned-By: %s\n' "$work/pool" "$work/pool/key.gpg" >"$work/pool.sources"
for version in 1 2; do
  { printf '{"name":"edge","version":"%s.0","packages":[' "$version" &&
    for i in $(seq $((packages - 1))); do printf '{"name":"edge-part-%s","version":"%s.0"},' "$i" "$version"; done &&
    printf '{"name":"edge-last","version":"%s.0"}]}\n' "$version"; } >"$work/version-$version.json"
done

# A configuration only for this script, so that the configuration of the machine has no effect.
scripts/private-root.sh create "$work/desk" "copy:$work/pool" "$work/pool/key.gpg"
repository() { du_apt repository "$@" --config "$work/desk/config.json"; }
move() { repository "$@" --channel prod --store "$work/store" >/dev/null; }
repository init "$work/store" >/dev/null
for version in 1 2; do
  repository create "$work/version-$version.json" --store "$work/store" --sources "$work/pool.sources" --architectures amd64 --id "$version" >/dev/null
done
port=$((20000 + RANDOM % 20000))
"$top/artifacts/du-apt" repository serve "$work/store" --port "$port" --config "$work/desk/config.json" >"$work/server.log" 2>&1 &
server=$!
repository show 1 --store "$work/store" --url "http://127.0.0.1:$port" | sed -n '/^Types:/,$p' | sed 's#/snapshots/1$#/channels/prod#' >"$work/prod.sources"
all install_device

# The fingerprints of the two versions on a device without trouble.
one='' two='' none=$(fingerprint 1) model=$((devices * 10 + 1))
move promote 1
for version in 1 2; do
  cp -a "$(device 1)" "$(device $model)"
  sed -i "s#$(device 1)#$(device $model)#g" "$(device $model)"/{apt.conf,config.json}
  [[ $version == 1 ]] || move promote 2
  deploy "$model" "$version"
  [[ $version == 1 ]] && one=$(fingerprint "$model") || two=$(fingerprint "$model")
  rm -rf "$(device $model)"
done
move rollback
[[ -n $one && -n $two && $one != "$none" && $two != "$one" ]] || { echo "simulate-fleet.sh: a device without trouble does not come to version 1, or from there to version 2" >&2; exit 1; }

printf '%s devices, %s at once, %s packages each; %s cores\n\n' "$devices" "$at_once" "$packages" "$(nproc)"
printf '| what | time | where the devices stand afterwards |\n| --- | --- | --- |\n'
status=0
phase 'deploy version 1' 1 all deploy 1
phase 'promote version 2 in the channel' 1 move promote 2
phase 'deploy version 2, a tenth of the devices in trouble' 2 all deploy 2
printf '| | | %s |\n' "$(for i in $(seq "$devices"); do trouble "$i" && echo; done | sed '/^$/d' | sort | uniq -c | awk '
  BEGIN { why["script"] = "a maintainer script failed"; why["kill"] = "killed in the middle, then recovered"; why["hold"] = "a package on hold"; why["network"] = "no network" }
  { printf "%s%s: %s", (NR > 1 ? ", " : ""), why[$2], $1 }')"
phase 'roll the channel back' 2 move rollback
phase 'deploy version 1 again' 1 all deploy 1
((status == 0))
