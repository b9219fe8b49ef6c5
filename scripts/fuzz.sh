#!/usr/bin/env bash
# Feeds unusual inputs to the readers of text from outside, and checks that they refuse them as they should.
set -euo pipefail

usage() {
  cat <<'TEXT'
fuzz.sh: tries made-up inputs on the parsers, and checks what must hold for each of them.

  fuzz.sh SECONDS [--seed N] [TARGET...]             so long, in equal shares; without targets on all of them
  fuzz.sh --executions COUNT [--seed N] [TARGET...]  so many inputs, in equal shares
  fuzz.sh replay TARGET FILE...                      inputs once more
  fuzz.sh targets                                    the names of the targets

Prints a table, and ends with 1 where there is a finding: an input for which something does not hold, made as small as it can be. The same
seed tries the same inputs. Seeds lie in tests/corpus/fuzz/TARGET; put the input of a repaired fault there, too.
TEXT
}

case ${1:---help} in
  -h | --help | help) usage; exit 0 ;;
esac
cd "$(dirname "$0")/.."
dotnet build tests/AptHandler.Fuzzing -c Release -v quiet --nologo -clp:NoSummary
exec dotnet tests/AptHandler.Fuzzing/bin/Release/net10.0/AptHandler.Fuzzing.dll "$@"
