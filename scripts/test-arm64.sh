#!/usr/bin/env bash
# Tests the Debian package for arm64 on Debian 12 for arm64: everything that needs neither a virtual machine nor packages of amd64. If this
# machine's processor cannot run arm64, qemu does, in its own namespace. The last line reads "N passed, N failed".
#   test-arm64.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/run-tests.sh
. scripts/run-tests.sh
need_dotnet
need apt-utils gnupg mount util-linux clang make

scripts/build-deb.sh --rid linux-arm64
# Made here because it takes long, and a test would have to wait for it.
scripts/device-root.sh bookworm arm64 >/dev/null
dotnet build tests/AptHandler.DeviceTests -c Release -v quiet --nologo
export DU_APT_TEST_ARCHITECTURE=arm64
test_project AptHandler.DeviceTests --filter 'Needs!=virtual-machine&Needs!=processor&Needs!=amd64'
tell_results
