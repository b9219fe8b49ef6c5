#!/usr/bin/env bash
# Cuts the power of virtual machines during updates and restores, two at a time, and prints in which state the devices came back.
#   soak-power.sh N [FIRST]
# Makes N cuts, with the seeds from FIRST (default: 1) on. Cuts that were tried with this build of the package are not repeated: after an
# interruption, the same command continues. The evidence of failures is kept in artifacts/power-cuts/SEED.
set -euo pipefail
cd "$(dirname "$0")/.."

cuts=${1:-} first=${2:-1}
[[ $cuts =~ ^[0-9]+$ && $first =~ ^[0-9]+$ ]] || { echo "usage: soak-power.sh N [FIRST]" >&2; exit 2; }
compgen -G "artifacts/du-apt-handler_*_$(dpkg --print-architecture).deb" >/dev/null || scripts/build-deb.sh
scripts/vm-image.sh bookworm >/dev/null
dotnet build tests/AptHandler.DeviceTests -c Release -v quiet --nologo

status=0
DU_APT_POWER_CUTS=$cuts DU_APT_POWER_SEED=$first DU_APT_POWER_GUESTS=2 \
  dotnet test tests/AptHandler.DeviceTests -c Release --no-build --nologo --filter PowerCutTests || status=$?

package=$(echo artifacts/du-apt-handler_*_amd64.deb)
awk -F '\t' -v first="$first" -v cuts="$cuts" '
  $1 < first || $1 >= first + cuts { next }
  { tried[$2]++; all["tried"]++; stands[$2, $4]++; all[$4]++ }
  $5 != "" { failed[$2]++; all["failed"]++; list = list sprintf("seed %s (%s at %s): %s\n", $1, $2, $3, $5) }
  function row(name, a, b, c, d) { printf "%-12s %6d %6d %6d %9d\n", name, a, b, c, d }
  END {
    printf "%-12s %6s %6s %6s %9s\n", "fault", "tried", "old", "new", "failures"
    count = split("Update Transaction Restore Recovery", faults, " ")
    for (i = 1; i <= count; i++) { fault = faults[i]; row(fault, tried[fault], stands[fault, "old"], stands[fault, "new"], failed[fault]) }
    row("all", all["tried"], all["old"], all["new"], all["failed"])
    printf "%s", list
  }' "artifacts/power-cuts/$(dpkg-deb --field "$package" Version).tsv"
exit "$status"
