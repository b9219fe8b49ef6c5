#!/usr/bin/env bash
# Builds everything and runs all tests. The last line reads "N passed, N failed".
#   test.sh [--coverage]
# --coverage  count which lines the unit tests reach, and print a table of the rooms
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/run-tests.sh
. scripts/run-tests.sh
coverage=
case ${1:-} in
  "") ;;
  --coverage) coverage=$(mktemp -d) ;;
  *) sed -n '2,4s/^# \?//p' "$0" >&2; exit 2 ;;
esac
need_dotnet
need binutils g++ clang make pkg-config mount util-linux procps time bsdutils apt-utils gnupg aptly nginx-light curl strace shellcheck mandoc man-db libdpkg-dev libapt-pkg-dev btrfs-progs systemd
command -v npm >/dev/null || need npm

step() { printf '\n== %s (after %d min %d s)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

step "layout and shell scripts"
dotnet tool restore >/dev/null
dotnet csharpier check .
shellcheck -x .ci/run scripts/*.sh scripts/package/{postinst,prerm,postrm,du-apt-root} tests/agent-package/{build.sh,postinst,prerm,postrm} \
  tests/AptHandler.FaultTests/Machines/*.sh tests/AptHandler.DeviceTests/Fixtures/*.sh tests/AptHandler.DeviceTests/VirtualMachine/Guest/{commands,make-disk.sh,snapshot}
shellcheck -x --shell=bash scripts/package/du-apt.bash-completion

step "build"
dotnet restore AptHandler.sln --locked-mode -v quiet --nologo
dotnet build AptHandler.sln -c Release -v quiet --nologo --no-restore
npm ci --ignore-scripts --prefer-offline --loglevel=error --prefix tests/schema-validator >/dev/null

step "package"
package=$(scripts/build-deb.sh --lint --twice)
# The tests use the library and program from the package.
dpkg-deb --fsys-tarfile "$package" | tar -x -C artifacts --strip-components=4 ./usr/lib/du-apt-handler/{libdu_apt_handler.so,du-apt}

step "package for arm64"
scripts/build-deb.sh --rid linux-arm64 --lint >/dev/null
scripts/device-root.sh bookworm arm64 >/dev/null

step "fuzzing"
# Each commit tries other inputs. A second test of the same commit tries the same ones.
commit=$(git rev-parse --short=7 HEAD 2>/dev/null || echo 1)
scripts/fuzz.sh 60 --seed "$((16#${commit:0:7}))"

step "tests"
test_project AptHandler.UnitTests ${coverage:+--collect "Code Coverage;Format=Cobertura" --results-directory "$coverage"}
for project in SystemTests FaultTests DeviceTests; do test_project "AptHandler.$project"; done

step "tests on arm64"
# The other arm64 tests take long: scripts/test-arm64.sh.
DU_APT_TEST_ARCHITECTURE=arm64 test_project AptHandler.DeviceTests --filter Also=arm64
if [[ -n $coverage ]]; then
  step "coverage of the unit tests"
  scripts/coverage.sh "$coverage"
  rm -rf "$coverage"
fi
tell_results
