#!/usr/bin/env bash
# Makes all files of a release from its tag, in artifacts/release/VERSION. With --store, it also puts its packages into an apt repository.
#   release.sh VERSION [--store DIR --url URL]
# VERSION   as in the tag vVERSION, such as 0.1.240-beta
# --store   the repository of the project's own packages, made by du-apt repository; if there is none, it is made, with a key
# --url     the address where the folder public of that repository is served
# Unsigned files have equal bytes whenever and wherever they are made with the same .NET SDK.
set -euo pipefail
umask 022
caller=$PWD
cd -P "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/cache.sh
. scripts/cache.sh
# shellcheck source=scripts/publish.sh
. scripts/publish.sh

cyclonedx=6.3.1
rids=(linux-x64 linux-arm64)
# nbgv knows only branches. It does not recognise the tag of a commit that is on no branch.
export PublicRelease=true

fail() {
  printf 'release.sh: %s\n' "$*" >&2
  exit 1
}

say() { printf '== %s\n' "$*" >&2; }

# The packages are built from the commit, whatever other files are in this folder.
clone_tag() {
  local said
  git rev-parse -q --verify "refs/tags/v$version^{commit}" >/dev/null || fail "there is no tag v$version; git tag -s v$version makes it"
  git -c advice.detachedHead=false clone -q --branch "v$version" "file://$PWD" "$source"
  # shellcheck disable=SC2119 # it needs no argument here
  said=$(cd "$source" && dotnet restore handler/AptHandler.Core --locked-mode -v quiet --nologo >&2 && version_of_commit)
  [[ $said == "$debian" ]] || fail "the tag v$version is on a commit of version $said"
}

build_packages() {
  local rid
  for rid in "${rids[@]}"; do
    say "the package for ${architecture_of[$rid]}"
    (cd "$source" && scripts/build-deb.sh --rid "$rid" --lint --symbols --twice >/dev/null)
  done
  mv "$source"/artifacts/*.deb "$out/"
}

# For images and build systems that do not use packages.
pack_archives() {
  local rid tree
  for rid in "${rids[@]}"; do
    tree=$work/tree/du-apt-handler-$version-$rid
    mkdir -p "$tree"
    dpkg-deb --extract "$out/du-apt-handler_${debian}_${architecture_of[$rid]}.deb" "$work/$rid"
    cp -p -t "$tree" "$work/$rid/usr/lib/du-apt-handler"/*
    install -m 0644 -t "$tree" "$source/LICENSE"
    gunzip <"$work/$rid/usr/share/doc/du-apt-handler/THIRD-PARTY-NOTICES.gz" >"$tree/THIRD-PARTY-NOTICES"
    tar -c --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$work/tree" "${tree##*/}" |
      gzip --no-name --best >"$out/${tree##*/}.tar.gz"
  done
}

fetch_cyclonedx() { dotnet tool install CycloneDX --version "$cyclonedx" --tool-path "$1" -v quiet; }

# Lists what is compiled in: the .NET runtime and the program's NuGet packages, which include those of the library. With the scope
# "excluded", it also lists what the program is built with.
write_bom() {
  local tool runtime
  tool=$(cached "cyclonedx-$cyclonedx" fetch_cyclonedx) || fail "cannot get the tool CycloneDX $cyclonedx from NuGet"
  dotnet restore "$source/tools/du-apt" -v quiet --nologo >&2
  "$tool/dotnet-CycloneDX" "$source/tools/du-apt/du-apt.csproj" --disable-package-restore --no-serial-number --output-format Json \
    --spec-version 1.6 --set-name du-apt-handler --set-version "$version" --set-type Application --output "$work" --filename all.json >&2
  runtime=$(jq -r '.dependencies["net10.0"]["Microsoft.DotNet.ILCompiler"].resolved' "$source/tools/du-apt/packages.lock.json")
  # The runtime packs are not packages of the project, so they are added here. The time is that of the commit.
  jq --arg runtime "$runtime" --arg time "$(date --utc --date="@$SOURCE_DATE_EPOCH" +%FT%TZ)" '
    def pack: "Microsoft.NETCore.App.Runtime.NativeAOT.\(.)" | {
      type: "framework", "bom-ref": "pkg:nuget/\(.)@\($runtime)", name: ., version: $runtime, scope: "required",
      description: ".NET runtime, linked into the library and the program",
      licenses: [{ license: { id: "MIT" } }], purl: "pkg:nuget/\(.)@\($runtime)"
    };
    .metadata.timestamp = $time | .components += [("linux-arm64", "linux-x64") | pack] | .components |= sort_by(.purl)' \
    "$work/all.json" >"$out/du-apt-handler-$version.cdx.json"
}

# The newest section of the change log.
write_notes() {
  awk -v title="# du-apt-handler $version" '/^## / { if (section++) exit; print title; next } section' "$source/CHANGELOG.md" >"$out/RELEASE_NOTES.md"
}

# A registry without such data reports no vulnerabilities.
check_vulnerabilities() {
  local known
  dotnet restore "$source/AptHandler.sln" --locked-mode -v quiet --nologo >&2
  known=$(dotnet list "$source/AptHandler.sln" package --vulnerable --include-transitive --format json |
    jq -r '[.projects[].frameworks[]? | (.topLevelPackages[]?, .transitivePackages[]?) | "\(.id) \(.resolvedVersion)"] | unique | join(", ")')
  [[ -z $known ]] || fail "these packages have known vulnerabilities: $known"
}

publish_repository() {
  local program manifest=$work/own.json status=$work/status id
  program=$work/$(own_rid)/usr/lib/du-apt-handler/du-apt
  say "the repository"
  need apt-utils aptly gnupg
  mkdir "$work/packages"
  cp -t "$work/packages" "$out"/du-apt-handler_*.deb
  (cd "$work/packages" && apt-ftparchive packages . >Packages)
  printf 'Types: deb\nURIs: copy:%s/\nSuites: ./\nTrusted: yes\n' "$work/packages" >"$work/own.sources"
  # Packages that every device has already are not published here.
  printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: all\nMaintainer: none\nDescription: none\n\n' libc6 2.31 apt 2.0 >"$status"
  printf '{ "name": "du-apt-handler", "version": "%s", "packages": [{ "name": "du-apt-handler", "version": "%s" }] }\n' "$version" "$debian" >"$manifest"
  "$program" repository init "$store" >&2
  id=${version//[^a-z0-9.-]/-}
  "$program" repository create "$manifest" --id "$id" --store "$store" --url "$url" \
    --sources "$work/own.sources" --status "$status" --architectures amd64,arm64 >&2
  "$program" repository promote "$id" --channel stable --store "$store" >&2
  "$program" repository verify "$id" --store "$store" >&2
  write_instructions "$(gpg --show-keys --with-colons "$store/public/key.asc" | awk -F: '$1 == "fpr" { print $10; exit }')" >"$out/INSTALL.md"
}

write_instructions() { # FINGERPRINT
  cat <<TEXT
# du-apt-handler $version by apt

For amd64 and arm64, Debian 11 and later. First the key of the repository, which \`gpg --show-keys\` must show with the fingerprint
$1:

\`\`\`sh
sudo install -d /etc/apt/keyrings
sudo curl -fsSLo /etc/apt/keyrings/du-apt-handler.asc $url/key.asc
gpg --show-keys /etc/apt/keyrings/du-apt-handler.asc
\`\`\`

Then the repository, and the package:

\`\`\`sh
sudo tee /etc/apt/sources.list.d/du-apt-handler.sources >/dev/null <<'END'
Types: deb
URIs: $url/channels/stable
Suites: fleet
Components: main
Check-Valid-Until: no
Signed-By: /etc/apt/keyrings/du-apt-handler.asc
END
sudo apt-get update
sudo apt-get install du-apt-handler
\`\`\`

\`Check-Valid-Until: no\` is there because the indexes of the repository never expire.

A device that is to stay at this version takes \`$url/snapshots/$id\` in the place of \`$url/channels/stable\`.
TEXT
}

version=
store=
url=
while (($# > 0)); do
  case $1 in
    --store) [[ -n ${2:-} ]] || fail "--store needs a folder"; store=$2; shift 2 ;;
    --url) [[ -n ${2:-} ]] || fail "--url needs an address"; url=${2%/}; shift 2 ;;
    -h | --help) sed -n '2,8s/^# \?//p' "$0"; exit ;;
    -*) fail "unknown option '$1'; see --help" ;;
    *) [[ -z $version ]] || fail "one version only; see --help"; version=${1#v}; shift ;;
  esac
done
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?$ ]] || fail "'$version' is no version such as 0.1.240-beta; see --help"
[[ (-n $store && -n $url) || -z $store$url ]] || fail "--store and --url go together"
need_dotnet
need git jq

debian=${version/-/\~}
[[ -z $store || $store == /* ]] || store=$caller/$store
# The folder gets its name when everything is there.
final=$PWD/artifacts/release/$version
out=$final.new
work=$(mktemp -d)
trap 'rm -rf "$work" "$out"' EXIT
chmod 0755 "$work"
source=$work/source
rm -rf "$out"
mkdir -p "$out"

clone_tag
SOURCE_DATE_EPOCH=$(git -C "$source" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
check_vulnerabilities
build_packages
[[ -z "$(git -C "$source" status --porcelain)" ]] || fail "the build changed files of the source: $(git -C "$source" status --porcelain | paste -sd ' ')"
pack_archives
say "the bill of materials"
write_bom
write_notes
(cd "$out" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
[[ -z $store ]] || publish_repository
rm -rf "$final"
mv "$out" "$final"
ls -l "$final" >&2
! grep -q '^Maintainer: .*\.invalid>$' "$source/scripts/package/control.in" ||
  echo "release.sh: warning: the packages name nobody who answers; put Maintainer, Homepage and Vcs-Git into scripts/package/control.in before they are public" >&2
