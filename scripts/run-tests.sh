# shellcheck shell=bash
# Sourced by the other scripts: runs test projects that are built, and ends with the line "N passed, N failed".

run_tests() { # PROJECT ...
  local project results status=0 passed failed
  results=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is wanted as it is now
  trap "rm -rf '$results'" EXIT
  for project in "$@"; do
    TMPDIR=$(place_for "$project") dotnet test "tests/$project" -c Release --no-build --nologo --logger "console;verbosity=minimal" \
      --logger "trx;LogFileName=$results/$project.trx" || status=1
  done
  passed=$(counter passed "$results") failed=$(counter failed "$results")
  # A test run that dies reports no failure of its own.
  [[ $status -eq 0 || $failed -gt 0 ]] || failed=1
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  return "$status"
}

# Private roots are synced at every step of an update. In memory that costs nothing; whole Debian roots would not fit there.
place_for() { # PROJECT
  local memory=/dev/shm most_kib=$((6 << 20))
  case $1 in
    AptHandler.SystemTests | AptHandler.FaultTests)
      if [[ -w $memory && $(df --output=avail "$memory" | tail -n 1) -gt $most_kib ]]; then
        echo "$memory"
        return
      fi
      ;;
  esac
  echo "${TMPDIR:-/tmp}"
}

counter() { # NAME FOLDER: the sum of a counter over all result files
  { cat "$2"/*.trx 2>/dev/null || true; } | { grep -o '<Counters [^>]*' || true; } | { grep -o " $1=\"[0-9]*\"" || true; } |
    awk -F'"' '{ n += $2 } END { print n + 0 }'
}
