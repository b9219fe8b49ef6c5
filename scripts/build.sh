#!/usr/bin/env bash
# Builds artifacts/libdu_apt_handler.so and artifacts/du-apt for this machine's architecture.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
need gcc libc6-dev zlib1g-dev

case "$(uname -m)" in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  armv7l) rid=linux-arm ;;
  *) echo "build.sh: no .NET runtime identifier is known for $(uname -m)" >&2; exit 1 ;;
esac

mkdir -p artifacts
for project in handler/AptHandler.Plugin tools/du-apt; do
  dotnet publish "$project" -c Release -r "$rid" -v quiet --nologo -o "artifacts/publish/$(basename "$project")"
done
install -m 0755 artifacts/publish/AptHandler.Plugin/libdu_apt_handler.so artifacts/libdu_apt_handler.so
install -m 0755 artifacts/publish/du-apt/du-apt artifacts/du-apt

# Without this flag the agent dies when it unloads the library at exit.
readelf -d artifacts/libdu_apt_handler.so | grep -q NODELETE || { echo "build.sh: the library is not marked NODELETE" >&2; exit 1; }
ls -l artifacts/libdu_apt_handler.so artifacts/du-apt
