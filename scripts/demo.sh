#!/usr/bin/env bash
# Shows the main job on a private root: real apt and dpkg, and packages built on the spot. Nothing outside a temporary folder changes.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need_dotnet
need g++ make apt-utils gnupg

top=$PWD
[[ -x artifacts/du-apt && -f artifacts/libdu_apt_handler.so ]] || scripts/build.sh
demo=$(mktemp -d -t du-apt-demo.XXXXXX)
trap 'rm -rf "$demo"' EXIT
# apt's own user fetches packages and must be able to read the repository.
chmod 0755 "$demo"

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
[[ -t 1 && -z ${NO_COLOR:-} ]] || say() { printf '\n# %s\n' "$*"; }
run() { # shows a command as a reader would type it, and runs it
  printf '$ %s\n' "${*//$demo/DEMO}"
  "$@" 2>&1 | sed "s|$demo|DEMO|g"
  return "${PIPESTATUS[0]}"
}
root() { scripts/private-root.sh "$1" "$demo/root" "${@:2}"; }
packages() { root status | sed 's/^/  /'; }

say "A signed repository: a thermostat in two versions, its library with a strict dependency, and a tool"
scripts/private-root.sh package "$demo/repository" thermocontrol 1.0.1 'Depends: libthermo (= 1.0.1-0)' \
  --and thermocontrol 2.0.0 'Depends: libthermo (= 2.0.0-0)' --and libthermo 1.0.1-0 --and libthermo 2.0.0-0 \
  --and tempreport 2.0.0 --and oldtool 0.9 --and dashboard 1.0 'Depends: tempreport'
scripts/private-root.sh index "$demo/repository"
scripts/private-root.sh create "$demo/root" "copy:$demo/repository" "$demo/repository/key.gpg"
root apt -qq update
root apt -qq -y install oldtool >/dev/null
echo "Packages before:"
packages

export DU_APT_HANDLER_CONFIG="$demo/root/config.json"
cat >"$demo/version1.json" <<'JSON'
{
  "name": "contoso-iot-edge",
  "version": "1.0.0.0",
  "packages": [
    { "name": "thermocontrol", "version": "1.0.1" },
    { "name": "tempreport", "version": "2.0.0" }
  ]
}
JSON
say "1. Install. The library is not in the manifest, and only its older version fits: the plan finds that"
run artifacts/du-apt plan "$demo/version1.json"
run artifacts/du-apt deploy "$demo/version1.json"
echo "Packages now:"
packages

say "2. The same through the agent: a C++ host loads the library and calls it in the agent's order"
cat >"$demo/version2.json" <<'JSON'
{
  "name": "contoso-iot-edge",
  "version": "2.0.0.0",
  "packages": [
    { "name": "thermocontrol", "version": "2.0.0" },
    { "name": "tempreport", "version": "2.0.0" },
    { "name": "oldtool-" }
  ]
}
JSON
host=artifacts/test-native
make --silent -C tests/agent-host OUT="$top/$host"
agent() { # MANIFEST CRITERIA: one deployment, as the agent sees it
  rm -rf "$demo/work"
  "$host/agent-host" --handler "$top/artifacts/libdu_apt_handler.so" --steps "$top/$host/libfake_steps.so" \
    --workdir "$demo/work" --payload "$1" --criteria "$2" --id demo --scenario deploy |
    grep -E '^(call|details|flags)' | sed "s|$demo|DEMO|g"
}
agent "$demo/version2.json" contoso-iot-edge-2.0.0.0
echo "Packages now:"
packages

say "3. Refused: removing tempreport would take dashboard along, which the manifest does not list"
root apt -qq -y install dashboard >/dev/null
cat >"$demo/refused.json" <<'JSON'
{
  "name": "contoso-iot-edge",
  "version": "3.0.0.0",
  "packages": [ { "name": "tempreport-" } ]
}
JSON
agent "$demo/refused.json" contoso-iot-edge-3.0.0.0
echo "Packages now, unchanged:"
packages

say "4. Refused: a manifest with mistakes, all told at once"
cat >"$demo/mistakes.json" <<'JSON'
{
  "name": "contoso-iot-edge",
  "version": 4,
  "packages": [
    { "name": "Thermocontrol", "version": "=2.0.0" },
    { "name": "oldtool-", "version": "0.9" }
  ]
}
JSON
run artifacts/du-apt plan "$demo/mistakes.json" || echo "exit status $?"

say "What is remembered"
run artifacts/du-apt status
run artifacts/du-apt history
say "Done. Nothing outside $demo was changed, and that is removed now."
