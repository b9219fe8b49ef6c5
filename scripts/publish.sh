# shellcheck shell=bash
# Sourced by the scripts that build: compiles the library and the program ahead of time.

# Runtime identifiers of .NET and dpkg's names of the architectures.
declare -A architecture_of=([linux-x64]=amd64 [linux-arm64]=arm64 [linux-arm]=armhf)

# In bytes. Devices are small, and a limit shows a careless dependency at once. The same code takes more space in arm64 instructions,
# and each part of an arm64 file begins at a multiple of 64 KiB: a few bytes more can make the file 65,536 bytes larger.
# shellcheck disable=SC2034 # used by the scripts that source this one
declare -A largest_library=([amd64]=2900000 [arm64]=2950000 [armhf]=2900000)
# shellcheck disable=SC2034
declare -A largest_program=([amd64]=7700000 [arm64]=8050000 [armhf]=7700000)

own_rid() {
  local rid architecture
  architecture=$(dpkg --print-architecture)
  for rid in "${!architecture_of[@]}"; do
    [[ ${architecture_of[$rid]} != "$architecture" ]] || { printf '%s\n' "$rid"; return; }
  done
  echo "no .NET runtime identifier is known for $architecture" >&2
  return 1
}

# Puts libdu_apt_handler.so and du-apt into FOLDER.
publish() { # RID FOLDER [ARGUMENT of dotnet publish ...]
  local project
  for project in handler/AptHandler.Plugin tools/du-apt; do
    dotnet publish "$project" -c Release -r "$1" -v quiet --nologo -o "$2/publish/${project##*/}" "${@:3}" >&2
  done
  install -m 0644 -t "$2" "$2/publish/AptHandler.Plugin/libdu_apt_handler.so"
  install -m 0755 -t "$2" "$2/publish/du-apt/du-apt"
  # Without this flag the agent dies when it unloads the library at exit.
  [[ "$(readelf --dynamic "$2/libdu_apt_handler.so")" == *NODELETE* ]] || { echo "the library is not marked NODELETE" >&2; return 1; }
  check_hardening "$2/libdu_apt_handler.so" && check_hardening "$2/du-apt"
}

# Checks the protections that the loader gives to a binary, and that nobody can undo later.
check_hardening() { # FILE
  local headers dynamic problem=
  headers=$(readelf --wide --file-header --program-headers "$1")
  dynamic=$(readelf --wide --dynamic "$1")
  grep -qE 'BIND_NOW|Flags: NOW' <<<"$dynamic" || problem="is not bound when it is loaded, so its tables of functions stay writable"
  ! grep -qE 'RPATH|RUNPATH|TEXTREL' <<<"$dynamic" || problem="names folders for libraries, or has code that is changed when it is loaded"
  grep -q 'Type: *DYN (' <<<"$headers" || problem="cannot be loaded at any address"
  grep -q GNU_RELRO <<<"$headers" || problem="leaves writable what only the loader writes"
  grep -qE 'GNU_STACK +(0x0+ ){2}0x0+ 0x0+ 0x0+ RW ' <<<"$headers" || problem="has a stack that can be executed"
  [[ -z $problem ]] || { echo "${1##*/} $problem" >&2; return 1; }
}

# The version as Debian writes it: 0.1.36~beta, and off the main branch 0.1.36~beta.g0123456789. Call it after restore.
version_of_commit() { # ARGUMENT of dotnet msbuild ...
  local said version commit
  said=$(dotnet msbuild handler/AptHandler.Core/AptHandler.Core.csproj -nologo -t:GetBuildVersion \
    -getProperty:AssemblyInformationalVersion -getProperty:PublicRelease "$@")
  # Debian sorts versions with '~' before the release, as SemVer does with '-'.
  # A plus sign is written as \u002B.
  version=$(sed -nE 's/.*"AssemblyInformationalVersion": "([^"\]*).*/\1/p' <<<"$said" | tr - '~')
  commit=$(sed -nE 's/.*"AssemblyInformationalVersion": "[^"\]*\\u002B([^"]*)".*/\1/p' <<<"$said")
  [[ -n $version ]] || { printf '%s\n' "$said" >&2; return 1; }
  [[ -z $commit || $said == *'"PublicRelease": "True"'* ]] || version+=.g$commit
  printf '%s\n' "$version"
}
