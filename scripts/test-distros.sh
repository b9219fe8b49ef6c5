#!/usr/bin/env bash
# Tests the Debian package that build-deb.sh made, on each supported release of Debian. The last line reads "N passed, N failed".
#   test-distros.sh [bullseye] [bookworm] [trixie]
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/run-tests.sh
. scripts/run-tests.sh
need apt-utils gnupg mount util-linux clang make

suites=("$@")
[[ $# -gt 0 ]] || suites=(bullseye bookworm trixie)
compgen -G "artifacts/du-apt-handler_*_$(dpkg --print-architecture).deb" >/dev/null || scripts/build-deb.sh
# Made here because it takes long, and a test would have to wait for it.
for suite in "${suites[@]}"; do scripts/device-root.sh "$suite" >/dev/null; done
scripts/device-packages.sh >/dev/null
scripts/vm-image.sh bookworm >/dev/null
dotnet build tests/AptHandler.DeviceTests -c Release -v quiet --nologo
export DU_APT_TEST_SUITES="${suites[*]}"
run_tests AptHandler.DeviceTests
