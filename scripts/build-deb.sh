#!/usr/bin/env bash
# Builds artifacts/du-apt-handler_<version>_<architecture>.deb and prints its name. Equal commits give equal bytes, in whatever folder.
#   build-deb.sh [--rid RID] [--lint]
# --rid   the .NET runtime identifier to build for; default: this machine's
# --lint  run lintian on the package; an error or a warning is a failure
set -euo pipefail
umask 022
# As git and the compiler see it, without links.
cd -P "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/cache.sh
. scripts/cache.sh
# shellcheck source=scripts/publish.sh
. scripts/publish.sh

newest_glibc=2.31
nbgv=nerdbank-gitversioning@3.10.94

fail() {
  printf 'build-deb.sh: %s\n' "$*" >&2
  exit 1
}

fetch_nbgv() { npm install --ignore-scripts --loglevel=error --prefix "$1" "$nbgv"; }

# The version in the spelling of SemVer: 0.1.36-beta, and off the main branch 0.1.36-beta.g0123456789.
version_of_commit() {
  local tool
  [[ "$(git rev-parse --show-toplevel)" == "$PWD" ]] ||
    fail "cannot tell the version here, because it counts the commits since version.json changed; build in a git clone of the project"
  [[ "$(git rev-parse --is-shallow-repository)" == false ]] ||
    fail "cannot tell the version in a shallow clone, because it counts commits; run git fetch --unshallow"
  command -v npm >/dev/null || need npm
  tool=$(cached "${nbgv/@/-}" fetch_nbgv) || fail "cannot get $nbgv from npm, which tells the version; check the network and npm's registry"
  "$tool/node_modules/.bin/nbgv" get-version --variable NpmPackageVersion
}

restore() { # ARGUMENT of dotnet restore ...
  local project output missing
  for project in handler/AptHandler.Plugin tools/du-apt; do
    output=$(dotnet restore "$project" -r "$rid" -v quiet --nologo "$@" 2>&1) && continue
    missing=$(sed -nE 's/.*NU110[12]: Unable to find package ([^ ]*(Runtime|ILCompiler)[^ ]*).*/\1/p' <<<"$output" | sed 's/\.$//' | sort -u | paste -sd ' ')
    [[ -n $missing ]] || { printf '%s\n' "$output" >&2; fail "cannot restore $project"; }
    fail "cannot build for $rid, because the NuGet sources of this machine do not have its runtime packs: ${missing// /, }; add a source that has them"
  done
}

check_linkage() { # FILE
  local newest others
  newest=$(readelf --wide --version-info "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  dpkg --compare-versions "${newest#GLIBC_}" le "$newest_glibc" || fail "${1##*/} needs $newest; it must run on glibc $newest_glibc"
  others=$(readelf --wide --dynamic "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]$/\1/p' | { grep -vE '^(lib(c|m|dl|pthread|rt)|ld-linux[^/]*)\.so\.[0-9]+$' || true; } | paste -sd ' ')
  [[ -z $others ]] || fail "${1##*/} needs $others; nothing but glibc is certain to be on a device"
  echo "${1##*/} needs $newest" >&2
}

notices() { # the file with the licences of all that the .NET runtime is made of, from the very pack that was compiled in
  local pack
  pack=$(grep -m 1 -oE '"[^"]*/runtime\.[^"/]*\.ilcompiler/[^"]*\.sha512"' "$build/obj/du-apt/project.nuget.cache" | tr -d '"')
  printf '%s/THIRD-PARTY-NOTICES.TXT\n' "${pack%/*}"
}

# The topmost section of CHANGELOG.md in the format of deb-changelog(5).
changelog() {
  printf 'du-apt-handler (%s) unstable; urgency=medium\n\n' "$version"
  # One entry of the list on each line, then each filled to the width that Debian's tools expect.
  awk '/^## / { if (section++) exit; next } !section || /^#/ || /^$/ { next }
    /^- / { printf "%s%s", entries++ ? "\n" : "", substr($0, 3); next } { sub(/^ */, " "); printf "%s", $0 } END { print "" }' CHANGELOG.md |
    while IFS= read -r entry; do fmt --width=74 <<<"$entry" | sed '1s/^/  * /; 2,$s/^/    /'; done
  printf '\n -- %s  %s\n' "$(sed -n 's/^Maintainer: //p' scripts/package/control.in)" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")"
}

# A command of the program that was just built; where that is for another architecture, of one for this machine.
du_apt() {
  if [[ $rid == "$(own_rid)" ]]; then
    "$build/du-apt" "$@"
  else
    [[ -x artifacts/du-apt ]] || scripts/build.sh >&2
    artifacts/du-apt "$@"
  fi
}

compressed() { gzip --no-name --best; }

stage_files() {
  local package=scripts/package library=$stage/usr/lib/du-apt-handler document=$stage/usr/share/doc/du-apt-handler man=$stage/usr/share/man
  install -d "$library" "$document" "$man"/man{1,7} "$stage"/{etc/du-apt-handler,usr/bin,usr/share/lintian/overrides}
  install -m 0644 -t "$library" "$build/libdu_apt_handler.so"
  install -m 0755 -t "$library" "$build/du-apt"
  install -m 0750 -t "$library" "$package/du-apt-root"
  ln -s ../lib/du-apt-handler/du-apt "$stage/usr/bin/du-apt"
  echo '{}' >"$stage/etc/du-apt-handler/config.json"
  install -d -m 2750 "$stage/var/lib/du-apt-handler"
  install -m 0644 -D "$package/tmpfiles.conf" "$stage/usr/lib/tmpfiles.d/du-apt-handler.conf"
  install -m 0644 -D -t "$stage/usr/lib/systemd/system" "$package"/du-apt-handler{,-recover}.service
  install -d "$stage"/usr/lib/systemd/system/{deviceupdate-agent.service,multi-user.target}.wants
  ln -s ../du-apt-handler.service "$stage/usr/lib/systemd/system/deviceupdate-agent.service.wants/"
  ln -s ../du-apt-handler-recover.service "$stage/usr/lib/systemd/system/multi-user.target.wants/"
  install -m 0644 -D "$package/du-apt.bash-completion" "$stage/usr/share/bash-completion/completions/du-apt"
  install -m 0644 -t "$document" "$package/copyright"
  compressed <"$(notices)" >"$document/THIRD-PARTY-NOTICES.gz"
  changelog | compressed >"$document/changelog.gz"
  du_apt man du-apt | compressed >"$man/man1/du-apt.1.gz"
  du_apt man du-apt-handler | compressed >"$man/man7/du-apt-handler.7.gz"
  install -m 0644 "$package/lintian-overrides" "$stage/usr/share/lintian/overrides/du-apt-handler"
}

stage_control() {
  local package=scripts/package control=$stage/DEBIAN size
  # As dpkg-gencontrol(1) counts: files in whole KiB, and one for everything else; not what this file system takes.
  size=$(find "$stage" -mindepth 1 -printf '%y %s\n' | awk '{ n += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print n }')
  install -d "$control"
  install -m 0755 -t "$control" "$package"/{postinst,prerm,postrm}
  install -m 0644 -t "$control" "$package"/{triggers,conffiles}
  sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@INSTALLED_SIZE@/$size/" "$package/control.in" >"$control/control"
  (cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$control/md5sums"
}

rid=$(own_rid) lint=
while (($# > 0)); do
  case $1 in
    --rid) [[ -n ${2:-} ]] || fail "--rid needs a runtime identifier"; rid=$2; shift 2 ;;
    --lint) lint=yes; shift ;;
    -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit ;;
    *) fail "unknown argument '$1'; see --help" ;;
  esac
done
architecture=${architecture_of[$rid]:-}
[[ -n $architecture ]] || fail "unknown runtime identifier '$rid'; there are $(printf '%s\n' "${!architecture_of[@]}" | sort | paste -sd ' ' | sed 's/ /, /g')"
need clang binutils git
linker=()
if [[ $rid != "$(own_rid)" ]]; then
  # The usual linker links for its own architecture only; lld would write the name of this folder into every library.
  need lld llvm
  linker=(-p:LinkerFlavor=lld)
fi

semantic=$(version_of_commit)
version=${semantic/-/\~} # Debian sorts what follows '~' before the release, as SemVer does with '-'
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
[[ -z "$(git status --porcelain)" ]] || echo "build-deb.sh: warning: version $version does not tell the changes that are not committed" >&2

# Apart from what build.sh makes: other options, and a version in every assembly.
build=artifacts/package/$rid
restore --artifacts-path "$build"
sysroot=$(scripts/sysroot.sh "$architecture")
# The build does not notice by itself that the sysroot or the linker changed.
rm -rf "$build"/bin/*/*/native
# gcc would ignore the sysroot without a word.
publish "$rid" "$build" --no-restore --artifacts-path "$build" -p:CppCompilerAndLinker=clang "${linker[@]}" -p:SysRoot="$sysroot" \
  -p:Version="$semantic" -p:InformationalVersion="$version" -p:IncludeSourceRevisionInInformationalVersion=false \
  -p:ContinuousIntegrationBuild=true -p:PathMap="$PWD=/src"
check_linkage "$build/libdu_apt_handler.so"
check_linkage "$build/du-apt"
[[ $rid != "$(own_rid)" || "$("$build/du-apt" --version)" == "$version" ]] || fail "du-apt says that it is version $("$build/du-apt" --version), not $version"

stage=$build/stage
rm -rf "$stage"
stage_files
stage_control
package=artifacts/du-apt-handler_${version}_$architecture.deb
rm -f artifacts/du-apt-handler_*_"$architecture.deb"
dpkg-deb -Zxz --root-owner-group --build "$stage" "$package" >&2
if [[ -n $lint ]]; then
  need lintian
  lintian --allow-root --fail-on error,warning "$package" >&2
fi
printf '%s\n' "$package"
