#!/usr/bin/env bash
# Writes the tables of README.md, manifest-schema/README.md and CONTRIBUTING.md that come from the code. The tests compare them.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need_dotnet
DU_APT_WRITE_DOCS=1 dotnet test tests/AptHandler.UnitTests -c Release --nologo --filter FullyQualifiedName~Documentation
git diff --stat
