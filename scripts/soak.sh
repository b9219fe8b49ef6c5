#!/usr/bin/env bash
# Runs updates, rollbacks and recoveries on private roots while dpkg, apt-get, du-apt or all of them are killed. Checks that a device never
# stays between two sets of packages.
set -euo pipefail

usage() {
  cat <<'TEXT'
soak.sh: kills updates at random points, and checks that each device ends with the old packages or the new ones.

  soak.sh N [SEED]                    N points over all scenarios and faults; run number i has the seed SEED + i
  soak.sh SCENARIO FAULT [FAULT]      one point again, with the machine kept to look at; the second fault hits the recovery
  soak.sh points                      how many points there are

Ends with 1 when a device was left in between. A FAULT reads VICTIM:PLACE, such as
  dpkg:at:3:rename:5                  dpkg dies at the fifth rename() of its third call
  apt:after:3                         apt-get dies after the third call of dpkg
  worker:own:fsync:4                  du-apt dies at the fourth fsync() of its own
  everything:script:2                 all die while the second maintainer script runs
Victims are dpkg, apt, worker, everything, ancestors (all but the running script) and script (nobody dies, the script fails).
TEXT
}

case ${1:---help} in
  -h | --help | help) usage; exit 0 ;;
esac
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need apt-utils gnupg strace
[[ -x artifacts/du-apt ]] || scripts/build.sh
dotnet build tests/AptHandler.FaultTests -c Release -v quiet --nologo -clp:NoSummary
# Not started by dotnet run, which would handle the terminal's Ctrl-C itself.
exec dotnet tests/AptHandler.FaultTests/bin/Release/net10.0/AptHandler.FaultTests.dll "$@"
