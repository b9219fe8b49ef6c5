# shellcheck shell=bash
# Sourced by the other scripts: makes once what takes long to make, and keeps it.

# Prints the folder NAME of the cache. If there is none yet, COMMAND gets the name of an empty folder to fill.
cached() { # NAME COMMAND
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/du-apt-handler/$1 lock
  mkdir -p "${folder%/*}"
  # A second process waits and then uses the finished folder. The folder gets its name last: a killed run leaves no folder that looks
  # finished.
  exec {lock}>"$folder.lock"
  flock "$lock"
  if [[ ! -d $folder ]]; then
    rm -rf "$folder.new"
    mkdir "$folder.new"
    if ! "$2" "$folder.new" >&2; then
      rm -rf "$folder.new"
      return 1
    fi
    mv "$folder.new" "$folder"
  fi
  exec {lock}>&-
  printf '%s\n' "$folder"
}
