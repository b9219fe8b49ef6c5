#!/usr/bin/env bash
# Builds everything and runs all tests. The last line reads "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need g++ make pkg-config mount procps bsdutils apt-utils gnupg strace shellcheck mandoc man-db libdpkg-dev libapt-pkg-dev

step() { printf '\n== %s\n' "$*"; }

step "format and shell scripts"
dotnet restore AptHandler.sln -v quiet --nologo
dotnet format AptHandler.sln --verify-no-changes --no-restore
shellcheck -x .ci/run scripts/*.sh scripts/package/{postinst,prerm,postrm,du-apt-root}
shellcheck -x --shell=bash scripts/package/du-apt.bash-completion

step "build"
dotnet build AptHandler.sln -c Release -v quiet --nologo --no-restore
scripts/build.sh

step "package"
scripts/build-deb.sh --lint

step "tests"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
for project in AptHandler.UnitTests AptHandler.SystemTests; do
  dotnet test "tests/$project" -c Release --no-build --nologo --logger "console;verbosity=minimal" \
    --logger "trx;LogFileName=$results/$project.trx" || status=1
done

counter() { # NAME: the sum of a counter over all result files
  { cat "$results"/*.trx 2>/dev/null || true; } | { grep -o '<Counters [^>]*' || true; } | { grep -o " $1=\"[0-9]*\"" || true; } |
    awk -F'"' '{ n += $2 } END { print n + 0 }'
}
passed=$(counter passed) failed=$(counter failed)
# A test run that dies reports no failure of its own.
[[ $status -eq 0 || $failed -gt 0 ]] || failed=1
printf '\n%s passed, %s failed\n' "$passed" "$failed"
exit "$status"
