# shellcheck shell=bash
# Sourced by the other scripts: what takes long to make is made once and kept.

# Prints the folder NAME of the cache. Where there is none yet, COMMAND gets the name of an empty folder to fill.
cached() { # NAME COMMAND
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/du-apt-handler/$1 lock
  mkdir -p "${folder%/*}"
  # Whoever comes second waits and finds it made. The name is given last: a killed run leaves nothing that looks whole.
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
