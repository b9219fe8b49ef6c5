#!/usr/bin/env bash
# Builds a stand-in for the agent's Debian package, which runs on Debian 11 and later, and prints its path. For test machines only:
# it makes the account adu, and registers a handler for microsoft/apt:1 that installs nothing. DU_APT_TEST_ARCHITECTURE names another
# architecture than this machine's, which is arm64.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh

if [[ $# -lt 2 || ($# -gt 2 && ($3 != --agent-command || $# -ne 4)) ]]; then
  echo "usage: build.sh VERSION OUTPUT_FOLDER [--agent-command 'COMMAND OF THE UNIT']" >&2
  exit 2
fi
version=$1 output=$2 command=${4:-/usr/bin/AducIotAgent -l 1}
need clang make

sources=$PWD/tests/agent-package
architecture=${DU_APT_TEST_ARCHITECTURE:-$(dpkg --print-architecture)}
binaries=$PWD/artifacts/agent-package/$architecture
sysroot=$(scripts/sysroot.sh "$architecture")
flags="--sysroot=$sysroot"
if [[ $architecture != "$(dpkg --print-architecture)" ]]; then
  [[ $architecture == arm64 ]] || { echo "build.sh: cannot build for $architecture on this machine, only for arm64" >&2; exit 1; }
  # The usual linker links for its own architecture only. clang finds this one by its name.
  need binutils-aarch64-linux-gnu
  flags+=" --target=aarch64-linux-gnu"
fi
mkdir -p "$binaries" "$output"
# Two builds at once must not write the same object file.
flock --close "$binaries" make --silent -C "$sources" OUT="$binaries" CC="clang $flags" CXX="clang++ $flags"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 0755 "$folder"
put() { # MODE SOURCE DESTINATION
  install -D -m "$1" "$2" "$folder$3"
}
put 0755 "$binaries/adu-shell" /usr/bin/adu-shell
put 0755 "$binaries/AducIotAgent" /usr/bin/AducIotAgent
# What plays the agent's process, with the handler that the registration names.
put 0755 "$binaries/agent-host" /usr/lib/adu/agent-host
put 0644 "$binaries/null_handler.so" /var/lib/adu/extensions/sources/libmicrosoft_apt_1.so
put 0644 "$binaries/libfake_steps.so" /var/lib/adu/extensions/sources/libmicrosoft_steps_1.so
put 0644 "$sources/du-config.json" /etc/adu/du-config.json
sed "s|@COMMAND@|$command|" "$sources/deviceupdate-agent.service" >"$folder/unit"
put 0644 "$folder/unit" /lib/systemd/system/deviceupdate-agent.service
rm "$folder/unit"
# Two versions have two hashes, as those of real agents have.
printf 'version %s' "$version" >>"$folder/var/lib/adu/extensions/sources/libmicrosoft_apt_1.so"

for script in postinst prerm postrm; do put 0755 "$sources/$script" "/DEBIAN/$script"; done
echo /etc/adu/du-config.json >"$folder/DEBIAN/conffiles"
cat >"$folder/DEBIAN/control" <<TEXT
Package: deviceupdate-agent
Version: $version
Architecture: $architecture
Maintainer: Nobody <nobody@example.invalid>
Depends: libc6 (>= 2.31), libstdc++6 (>= 10), passwd
Description: stand-in for the Device Update agent, made for a test
TEXT
deb=$output/deviceupdate-agent_${version}_$architecture.deb
dpkg-deb -Znone --root-owner-group --build "$folder" "$deb" >/dev/null
echo "$deb"
