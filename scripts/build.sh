#!/usr/bin/env bash
# Builds artifacts/libdu_apt_handler.so and artifacts/du-apt for this machine's architecture.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/publish.sh
. scripts/publish.sh
need_dotnet
need gcc libc6-dev zlib1g-dev

publish "$(own_rid)" artifacts
ls -l artifacts/libdu_apt_handler.so artifacts/du-apt
