#!/usr/bin/env bash
# Builds artifacts/du-apt-handler_<version>_<architecture>.deb and prints its name. Equal commits give equal bytes, in any folder.
#   build-deb.sh [--rid RID] [--lint] [--symbols] [--twice]
# --rid      the .NET runtime identifier to build for; default: this machine's
# --lint     run lintian on the package; an error or a warning is a failure
# --symbols  also make du-apt-handler-dbgsym, for a debugger
# --twice    build it again in another folder; a byte that differs is a failure
set -euo pipefail
umask 022
# The path without links, as git and the compiler see it.
cd -P "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/publish.sh
. scripts/publish.sh

newest_glibc=2.31
declare -A triple_of=([amd64]=x86_64-linux-gnu [arm64]=aarch64-linux-gnu [armhf]=arm-linux-gnueabihf)
warn() { printf 'build-deb.sh: warning: %s\n' "$*" >&2; }

fail() {
  printf 'build-deb.sh: %s\n' "$*" >&2
  exit 1
}

restore() { # ARGUMENT of dotnet restore ...
  local project output missing
  for project in handler/AptHandler.Plugin tools/du-apt; do
    output=$(dotnet restore "$project" -v quiet --nologo "$@" 2>&1) && continue
    missing=$(sed -nE 's/.*NU110[12]: Unable to find package ([^ ]*(Runtime|ILCompiler)[^ ]*).*/\1/p' <<<"$output" | sed 's/\.$//' | sort -u | paste -sd ' ')
    [[ -n $missing ]] || { printf '%s\n' "$output" >&2; fail "cannot restore $project"; }
    fail "cannot build for $rid, because the NuGet sources of this machine do not have its runtime packs: ${missing// /, }; add a source that has them"
  done
}

check_needs() { # FILE LARGEST
  local newest others size
  newest=$(readelf --wide --version-info "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
  dpkg --compare-versions "${newest#GLIBC_}" le "$newest_glibc" || fail "${1##*/} needs $newest; it must run on glibc $newest_glibc"
  others=$(readelf --wide --dynamic "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]$/\1/p' | { grep -vE '^(lib(c|m|dl|pthread|rt)|ld-linux[^/]*)\.so\.[0-9]+$' || true; } | paste -sd ' ')
  [[ -z $others ]] || fail "${1##*/} needs $others; nothing but glibc is certain to be on a device"
  size=$(stat --format=%s "$1")
  ((size <= $2)) || fail "${1##*/} has $size bytes, and may have $2; see what made it grow, and raise the limit in scripts/publish.sh only for a reason"
  echo "${1##*/}: $size bytes, needs $newest" >&2
}

notices() { # the licence file of everything in the .NET runtime, from the same pack that was compiled in
  local pack
  pack=$(grep -m 1 -oE '"[^"]*/runtime\.[^"/]*\.ilcompiler/[^"]*\.sha512"' "$build/obj/du-apt/project.nuget.cache" | tr -d '"')
  printf '%s/THIRD-PARTY-NOTICES.TXT\n' "${pack%/*}"
}

# The newest section of CHANGELOG.md in the format of deb-changelog(5).
changelog() {
  printf 'du-apt-handler (%s) unstable; urgency=medium\n\n' "$version"
  # Puts each entry of the list on one line, and then wraps it at the width that Debian's tools expect.
  awk '/^## / { if (section++) exit; next } !section || /^#/ || /^$/ { next }
    /^- / { printf "%s%s", entries++ ? "\n" : "", substr($0, 3); next } { sub(/^ */, " "); printf "%s", $0 } END { print "" }' CHANGELOG.md |
    while IFS= read -r entry; do fmt --width=74 <<<"$entry" | sed '1s/^/  * /; 2,$s/^/    /'; done
  printf '\n -- %s  %s\n' "$(maintainer)" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")"
}

is_this_version() { [[ -x $1 && "$("$1" --version)" == "${version%.g*}" ]]; } # PROGRAM

# The program of this version for this machine. It writes the manual pages of every package.
own_program() {
  local program=$build/du-apt
  if [[ $rid != "$(own_rid)" ]]; then
    program=artifacts/package/$(own_rid)/du-apt
    if ! is_this_version "$program"; then
      scripts/build.sh >&2
      program=artifacts/du-apt
    fi
  fi
  printf '%s\n' "$program"
}

compressed() { gzip --no-name --best; }

maintainer() { sed -n 's/^Maintainer: //p' scripts/package/control.in; }

# Counted as dpkg-gencontrol(1) does: files in whole KiB, and 1 KiB for everything else; not the space on this file system.
installed_size() { # TREE
  find "$1" -mindepth 1 -printf '%y %s\n' | awk '{ n += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print n }'
}

pack() { # TREE PACKAGE
  (cd "$1" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$1/DEBIAN/md5sums"
  dpkg-deb -Zxz --root-owner-group --build "$1" "$2" >&2
}

stage_files() {
  local package=scripts/package program library=$stage/usr/lib/du-apt-handler document=$stage/usr/share/doc/du-apt-handler man=$stage/usr/share/man
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
  program=$(own_program)
  "$program" man du-apt | compressed >"$man/man1/du-apt.1.gz"
  "$program" man du-apt-handler | compressed >"$man/man7/du-apt-handler.7.gz"
  install -m 0644 "$package/lintian-overrides" "$stage/usr/share/lintian/overrides/du-apt-handler"
}

stage_control() {
  local package=scripts/package control=$stage/DEBIAN size
  size=$(installed_size "$stage")
  install -d "$control"
  install -m 0755 -t "$control" "$package"/{postinst,prerm,postrm}
  install -m 0644 -t "$control" "$package"/{triggers,conffiles}
  sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@INSTALLED_SIZE@/$size/" "$package/control.in" >"$control/control"
}

# What a debugger or a crash report needs to name functions. Both find it by the build id.
make_symbols() {
  local file id ids=() size tree=$build/symbols
  rm -rf "$tree"
  for file in AptHandler.Plugin/libdu_apt_handler.so du-apt/du-apt; do
    id=$(readelf --notes "$build/publish/$file" | sed -n 's/ *Build ID: //p')
    install -D -m 0644 "$build/publish/$file.dbg" "$tree/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug"
    ids+=("$id")
  done
  install -d "$tree/usr/share/doc"
  ln -s du-apt-handler "$tree/usr/share/doc/du-apt-handler-dbgsym"
  size=$(installed_size "$tree")
  install -d "$tree/DEBIAN"
  cat >"$tree/DEBIAN/control" <<CONTROL
Package: du-apt-handler-dbgsym
Source: du-apt-handler
Version: $version
Auto-Built-Package: debug-symbols
Architecture: $architecture
Maintainer: $(maintainer)
Installed-Size: $size
Depends: du-apt-handler (= $version)
Section: debug
Priority: optional
Description: debug symbols for du-apt-handler
Build-Ids: ${ids[*]}
CONTROL
  pack "$tree" "artifacts/du-apt-handler-dbgsym_${version}_$architecture.deb"
}

compare_with_another_build() {
  local other file
  other=$(mktemp -d)
  # shellcheck disable=SC2064 # the name of the folder is needed as it is now
  trap "rm -rf '$other'" EXIT
  git -c advice.detachedHead=false clone -q "file://$PWD" "$other/another"
  git diff --binary HEAD | git -C "$other/another" apply --allow-empty
  "$other/another/scripts/build-deb.sh" --rid "$rid" ${symbols:+--symbols} >/dev/null
  for file in artifacts/du-apt-handler{,-dbgsym}_"${version}_$architecture.deb"; do
    [[ ! -e $file ]] || cmp "$file" "$other/another/$file" >&2 || fail "$file is not the same when it is built in another folder"
  done
}

rid=$(own_rid)
lint=
symbols=
twice=
while (($# > 0)); do
  case $1 in
    --rid) [[ -n ${2:-} ]] || fail "--rid needs a runtime identifier"; rid=$2; shift 2 ;;
    --lint) lint=yes; shift ;;
    --symbols) symbols=yes; shift ;;
    --twice) twice=yes; shift ;;
    -h | --help) sed -n '2,7s/^# \?//p' "$0"; exit ;;
    *) fail "unknown argument '$1'; see --help" ;;
  esac
done
architecture=${architecture_of[$rid]:-}
[[ -n $architecture ]] || fail "unknown runtime identifier '$rid'; there are $(printf '%s\n' "${!architecture_of[@]}" | sort | paste -sd ' ' | sed 's/ /, /g')"
need_dotnet
need clang git

# A folder apart from that of build.sh, because the options differ. The build does not notice that the sysroot or the linker has changed.
build=artifacts/package/$rid
# The lock files have the packs of the two architectures that can be built. For another one, this finds out what is missing.
case $rid in
  linux-x64 | linux-arm64) restore --locked-mode --artifacts-path "$build" ;;
  *) restore -p:RuntimeIdentifiers="$rid" -p:NuGetLockFilePath="$PWD/$build/packages.lock.json" --artifacts-path "$build" ;;
esac
rm -rf "$build"/bin/*/*/native

# The tools are given by name: other tools on a machine must not change the bytes.
if [[ $rid == "$(own_rid)" ]]; then
  need binutils
  tools=
else
  tools=${triple_of[$architecture]}-
  need "binutils-$(tr _ - <<<"${tools%-}")"
fi

version=$(version_of_commit -p:ArtifactsPath="$PWD/$build" -p:UseArtifactsOutput=true) || fail "cannot tell the version"
if git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [[ "$(git rev-parse --show-toplevel)" == "$PWD" ]]; then
  [[ "$(git rev-parse --is-shallow-repository)" == false ]] ||
    warn "version $version does not count commits, because this is a shallow clone; git fetch --unshallow brings the rest"
  [[ -z "$(git status --porcelain)" ]] || warn "version $version does not tell the changes that are not committed"
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
else
  warn "version $version is that of version.json alone, because this is not a git clone"
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat --format=%Y version.json)}
fi
export SOURCE_DATE_EPOCH

sysroot=$(scripts/sysroot.sh "$architecture")
# gcc would ignore the sysroot without a warning, so clang links.
publish "$rid" "$build" --no-restore --artifacts-path "$build" -p:SysRoot="$sysroot" \
  -p:CppCompilerAndLinker=clang -p:LinkerFlavor=bfd -p:ObjCopyName="${tools}objcopy" \
  -p:ContinuousIntegrationBuild=true -p:PathMap="$PWD=/src"
check_needs "$build/libdu_apt_handler.so" "${largest_library[$architecture]}"
check_needs "$build/du-apt" "${largest_program[$architecture]}"
[[ $rid != "$(own_rid)" ]] || is_this_version "$build/du-apt" || fail "du-apt says that it is version $("$build/du-apt" --version), not $version"

stage=$build/stage
rm -rf "$stage"
stage_files
stage_control
package=artifacts/du-apt-handler_${version}_$architecture.deb
rm -f artifacts/du-apt-handler{,-dbgsym}_*_"$architecture.deb"
pack "$stage" "$package"
if [[ -n $lint ]]; then
  need lintian
  lintian --allow-root --fail-on error,warning "$package" >&2
fi
[[ -z $symbols ]] || make_symbols
[[ -z $twice ]] || compare_with_another_build
printf '%s\n' "$package"
