#!/usr/bin/env bash
# Prints how many lines of each room the unit tests reach. What only runs as root, or with real apt, is for the other tests to reach: they
# test the compiled program, where nobody counts.
#   coverage.sh FOLDER   the folder of results of dotnet test --collect "Code Coverage;Format=Cobertura"
set -euo pipefail
find "${1:?name the folder with the results}" -name '*.cobertura.xml' -exec cat {} + | awk '
  /<class / {
    room = ""
    if (match($0, /filename="[^"]*"/)) {
      file = substr($0, RSTART + 10, RLENGTH - 11)
      if (file ~ /\/(handler|tools)\// && file !~ /\/obj\//) {
        sub(/.*\/(handler|tools)\//, "", file)
        sub(/\/[^\/]*$/, "", file)
        room = file
      }
    }
  }
  /<methods>/ { inMethods = 1 }
  /<\/methods>/ { inMethods = 0 }
  room != "" && !inMethods && /<line / { lines[room]++; if ($0 !~ / hits="0"/) reached[room]++ }
  END { for (room in lines) printf "%-48s %5d of %5d lines %4d %%\n", room, reached[room], lines[room], 100 * reached[room] / lines[room] }
' | LC_ALL=C sort
