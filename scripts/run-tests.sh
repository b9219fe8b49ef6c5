# shellcheck shell=bash
# Sourced by the other scripts: runs test projects that are built already, and ends with the line "N passed, N failed".

run_tests() { # PROJECT ...
  local project
  for project in "$@"; do test_project "$project"; done
  tell_results
}

# Only collects the results. tell_results reports them.
test_project() { # PROJECT [OPTION of dotnet test ...]
  if [[ -z ${results:-} ]]; then
    results=$(mktemp -d)
    runs=0
    worst=0
    trap 'rm -rf "$results"' EXIT
  fi
  runs=$((runs + 1))
  TMPDIR=$(place_for "$1") dotnet test "tests/$1" -c Release --no-build --nologo --logger "console;verbosity=minimal" \
    --logger "trx;LogFileName=$results/$runs.trx" "${@:2}" || worst=1
  grep -q '<UnitTestResult ' "$results/$runs.trx" 2>/dev/null || worst=1
}

tell_results() {
  local passed failed
  passed=$(counter passed "$results") failed=$(counter failed "$results")
  # A test run that crashes, or finds no test, reports no failure itself.
  [[ $worst -eq 0 || $failed -gt 0 ]] || failed=1
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  return "$worst"
}

# Private roots are synced to disk at every step of an update. In memory that costs nothing. Whole Debian roots would not fit there.
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
