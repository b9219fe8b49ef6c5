#!/usr/bin/env bash
# Prints the folder of a minimal Debian, which the first call makes. Nobody may write to it: tests mount an overlay over it.
#   device-root.sh bullseye|bookworm|trixie [ARCHITECTURE]
set -euo pipefail
umask 022
cd "$(dirname "$0")"
# shellcheck source=scripts/debian.sh
. ./debian.sh

debian_for "${2:-$(dpkg --print-architecture)}" root "${1:-}"
