# shellcheck shell=bash
# Sourced by build.sh and build-deb.sh: compiles the library and the program ahead of time.

# Runtime identifiers of .NET and the architectures that dpkg calls them by.
declare -A architecture_of=([linux-x64]=amd64 [linux-arm64]=arm64 [linux-arm]=armhf)

# In bytes: devices are small, and a careless dependency shows at once. The same code takes more room in instructions of arm64.
# shellcheck disable=SC2034 # for those who source this
declare -A largest_library=([amd64]=2900000 [arm64]=2950000 [armhf]=2900000)
# shellcheck disable=SC2034
declare -A largest_program=([amd64]=7700000 [arm64]=8000000 [armhf]=7700000)

own_rid() {
  local rid architecture
  architecture=$(dpkg --print-architecture)
  for rid in "${!architecture_of[@]}"; do
    [[ ${architecture_of[$rid]} != "$architecture" ]] || { printf '%s\n' "$rid"; return; }
  done
  echo "no .NET runtime identifier is known for $architecture" >&2
  return 1
}

# Leaves libdu_apt_handler.so and du-apt in FOLDER.
publish() { # RID FOLDER [ARGUMENT of dotnet publish ...]
  local project
  for project in handler/AptHandler.Plugin tools/du-apt; do
    dotnet publish "$project" -c Release -r "$1" -v quiet --nologo -o "$2/publish/${project##*/}" "${@:3}" >&2
  done
  install -m 0644 -t "$2" "$2/publish/AptHandler.Plugin/libdu_apt_handler.so"
  install -m 0755 -t "$2" "$2/publish/du-apt/du-apt"
  # Without this flag the agent dies when it unloads the library at exit.
  readelf -d "$2/libdu_apt_handler.so" | grep -q NODELETE || { echo "the library is not marked NODELETE" >&2; return 1; }
}
