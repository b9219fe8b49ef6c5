# shellcheck shell=bash
# Sourced by the other scripts: runs test projects that are built, and ends with the line "N passed, N failed".

run_tests() { # PROJECT ...
  local project results status=0 passed failed
  results=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder's name is wanted as it is now
  trap "rm -rf '$results'" EXIT
  for project in "$@"; do
    dotnet test "tests/$project" -c Release --no-build --nologo --logger "console;verbosity=minimal" \
      --logger "trx;LogFileName=$results/$project.trx" || status=1
  done
  passed=$(counter passed "$results") failed=$(counter failed "$results")
  # A test run that dies reports no failure of its own.
  [[ $status -eq 0 || $failed -gt 0 ]] || failed=1
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  return "$status"
}

counter() { # NAME FOLDER: the sum of a counter over all result files
  { cat "$2"/*.trx 2>/dev/null || true; } | { grep -o '<Counters [^>]*' || true; } | { grep -o " $1=\"[0-9]*\"" || true; } |
    awk -F'"' '{ n += $2 } END { print n + 0 }'
}
