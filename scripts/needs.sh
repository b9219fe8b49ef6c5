# shellcheck shell=bash
# Sourced by the other scripts: checks and installs what a script needs.

# How long another apt may hold its locks, in seconds: a new cloud machine updates itself for minutes.
patience_with_apt=900

# Installs the Debian packages that are missing.
need() { # PACKAGE ...
  local package missing=()
  for package in "$@"; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  echo "installing ${missing[*]}" >&2
  patient_apt update && patient_apt -y --no-install-recommends install "${missing[@]}"
}

# Reports which .NET SDK is missing if there is none that global.json accepts.
need_dotnet() {
  local said wanted
  wanted=$(sed -nE 's/.*"version": *"([^"]*)".*/\1/p' global.json)
  command -v dotnet >/dev/null && said=$(dotnet --version 2>/dev/null) && [[ -n $said ]] && return 0
  said=
  ! command -v dotnet >/dev/null || said=$(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' ')
  echo "${0##*/}: the .NET SDK $wanted, or a later ${wanted%??}xx, is missing (there is ${said:-none});" \
    "get it at https://dotnet.microsoft.com/download" >&2
  return 1
}

# apt-get itself waits for dpkg's lock, but not for the lock of the package lists.
patient_apt() { # ARGUMENT of apt-get ...
  local as_root=() errors begin=$SECONDS status told=
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  errors=$(mktemp)
  while :; do
    status=0
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
      apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout="$patience_with_apt" "$@" 2>"$errors" >&2 || status=$?
    if [[ $status -eq 0 ]] || ! grep -q '^E: Could not get lock' "$errors" || ((SECONDS - begin >= patience_with_apt)); then
      break
    fi
    [[ -n $told ]] || sed -n 's/^E: \(Could not get lock.*\)/waiting for apt: \1/p' "$errors" | head -n 1 >&2
    told=yes
    sleep 3
  done
  cat "$errors" >&2
  rm -f "$errors"
  return "$status"
}
