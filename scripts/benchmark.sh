#!/usr/bin/env bash
# Measures the product and its peers in one run, and prints the table of the README.
# Times are medians; on a busy machine only the ratios mean something.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/needs.sh
. scripts/needs.sh
# shellcheck source=scripts/publish.sh
. scripts/publish.sh
need g++ make apt-utils gnupg aptly nginx-light libapt-pkg-dev libdpkg-dev pkg-config

top=$PWD
rounds=${ROUNDS:-15}
scripts/build.sh >/dev/null
make --silent -C tests/agent-host OUT="$top/artifacts/test-native"
work=$(mktemp -d -t du-apt-bench.XXXXXX)
chmod 0755 "$work"
server=
finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
micro() { awk -v n="$1" 'BEGIN { printf "%d", n / 1000 }'; }
now() { date +%s%N; }
row() { printf '| %s | %s | %s | %s | %s |\n' "$@"; }

repository=$work/repository root=$work/root
packages=()
for i in $(seq 100); do packages+=(--and "device-part-$i" 1.0 --size 20); done
scripts/private-root.sh package "$repository" "${packages[@]:1}"
scripts/private-root.sh index "$repository"
port=$((20000 + RANDOM % 20000))
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/nginx.pid; error_log $work/nginx.log; user root;
events {}
http { access_log off; server { listen 127.0.0.1:$port; root $repository; } }
CONF
nginx -c "$work/nginx.conf" &
server=$!
scripts/private-root.sh create "$root" "http://127.0.0.1:$port/" "$repository/key.gpg"
for _ in $(seq 50); do scripts/private-root.sh apt "$root" -qq update 2>/dev/null && break; sleep 0.1; done

manifest() { # COUNT: a manifest of so many packages
  printf '{"name":"bench","version":"%s","packages":[' "$1"
  for i in $(seq "$1"); do printf '%s{"name":"device-part-%s","version":"1.0"}' "$([[ $i -eq 1 ]] || echo ,)" "$i"; done
  printf ']}\n'
}
reset() { # a machine without packages and without history
  local names
  [[ ! -f $work/status ]] || mv "$work/status" "$root/var/lib/dpkg/status"
  mapfile -t names < <(scripts/private-root.sh status "$root" | cut -d' ' -f1)
  [[ ${#names[@]} -eq 0 ]] || scripts/private-root.sh dpkg "$root" --purge "${names[@]}" >/dev/null
  rm -rf "$root/var/lib/du-apt-handler" "$root/var/lib/adu/installedcriteria" "$root"/var/cache/apt/archives/*.deb
}
bare() { # COUNT: what a person would type
  local words=()
  for i in $(seq "$1"); do words+=("device-part-$i=1.0"); done
  export APT_CONFIG=$root/apt.conf DEBIAN_FRONTEND=noninteractive
  apt-get -qq update && apt-get -qq -y --download-only install "${words[@]}" && apt-get -qq -y install "${words[@]}"
}
deploy() { # COUNT ROUNDS: milliseconds of bare apt-get and of du-apt, in turns
  local i begin
  manifest "$1" >"$work/manifest.json"
  : >"$work/bare" && : >"$work/ours"
  for i in $(seq "$2"); do
    reset && begin=$(now)
    (bare "$1") >/dev/null 2>&1
    echo $((($(now) - begin) / 1000)) >>"$work/bare"
    reset && begin=$(now)
    artifacts/du-apt deploy "$work/manifest.json" --config "$root/config.json" >/dev/null 2>&1
    echo $((($(now) - begin) / 1000)) >>"$work/ours"
  done
  local ours theirs
  ours=$(median <"$work/ours") theirs=$(median <"$work/bare")
  row "\`du-apt deploy\`, $1 packages" "$((${ours%.*} / 1000)) ms" "apt-get update, download, install: $((${theirs%.*} / 1000)) ms" "$(ratio "$ours" "$theirs")" "$3"
}
host() { # REPEAT: the agent host asks IsInstalled so often
  DU_APT_HANDLER_CONFIG="$root/config.json" artifacts/test-native/agent-host --handler "$top/artifacts/libdu_apt_handler.so" \
    --steps "$top/artifacts/test-native/libfake_steps.so" --workdir "$work/agent" --payload "$work/manifest.json" --criteria "$1" "${@:2}"
}

printf 'Machine: %s, %s cores, Linux %s, %s\n\n' "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1)" "$(nproc)" "$(uname -r | cut -d- -f1)" "$(dpkg-query -W -f='apt ${Version}' apt)"
row what ours peer ratio "at most"
row --- --- --- --- ---

# Versions and the status file: the same generated inputs for all programs.
inputs=$work/inputs
mkdir "$inputs"
dotnet publish tests/AptHandler.Benchmarks.Aot -c Release -r linux-x64 -v quiet --nologo -o artifacts/publish/quick-benchmark
quick=artifacts/publish/quick-benchmark/quick-benchmark
"$quick" write "$inputs"
read -ra libdpkg <<<"$(pkg-config --cflags --static --libs libdpkg)"
g++ -O2 -std=c++17 tests/native/peers.cpp -o "$work/peers" "${libdpkg[@]}" -lapt-pkg
nanoseconds() { sed -n "s/.*\"peer\":\"$1[^\"]*\",\"nanoseconds\":\([0-9.]*\).*/\1/p" "$work/measured" | median; }
# Runs several processes: in a few of them, unlucky addresses in memory make the whole process slower by half.
for _ in 1 2 3 4 5; do
  "$quick" versions "$inputs/versions.txt"
  "$quick" status "$inputs/status"
  "$work/peers" versions "$inputs/versions.txt"
  "$work/peers" status "$inputs/status"
done >"$work/measured"
ours=$(nanoseconds 'AptHandler compare') theirs=$(nanoseconds 'libapt-pkg compare')
row "comparing two versions" "$ours ns" "libapt-pkg: $theirs ns" "$(ratio "$ours" "$theirs")" 0.7
theirs=$(nanoseconds 'libdpkg parse and compare')
row "" "" "libdpkg, parsing included: $theirs ns" "$(ratio "$ours" "$theirs")" ""
ours=$(nanoseconds 'AptHandler read') theirs=$(nanoseconds 'libapt-pkg read four fields')
row "reading a status file of 1,000 packages" "$(micro "$ours") µs" "libapt-pkg: $(micro "$theirs") µs" "$(ratio "$ours" "$theirs")" 0.5
theirs=$(nanoseconds 'libdpkg read')
row "" "" "libdpkg: $(micro "$theirs") µs" "$(ratio "$ours" "$theirs")" ""
theirs=$(for _ in $(seq "$rounds"); do
  begin=$(now)
  dpkg-query --admindir="$inputs" -W >/dev/null
  echo $(($(now) - begin))
done | median)
row "" "" "the process dpkg-query -W: $(micro "$theirs") µs" "$(ratio "$ours" "$theirs")" ""

# The agent's view: loading, IsInstalled on a machine of 1,000 packages, and memory.
manifest 20 >"$work/manifest.json"
reset
artifacts/du-apt deploy "$work/manifest.json" --config "$root/config.json" >/dev/null 2>&1
cp "$root/var/lib/dpkg/status" "$work/status"
took() { # COMMAND ...: milliseconds, the median of some runs
  local begin
  for _ in $(seq "$rounds"); do
    begin=$(now)
    "$@" >/dev/null 2>&1
    echo $((($(now) - begin) / 1000))
  done | median | awk '{ printf "%d", $1 / 1000 }'
}
filler() { # FIRST LAST: entries of a status file
  for i in $(seq "$1" "$2"); do
    printf 'Package: filler-%s\nStatus: install ok installed\nPriority: optional\nSection: utils\nInstalled-Size: 100\nMaintainer: Nobody <nobody@example.org>\nArchitecture: amd64\nVersion: 1.%s-1\nDepends: libc6 (>= 2.31), libstdc++6 (>= 10)\nConffiles:\n /etc/filler-%s 0123456789abcdef0123456789abcdef\nDescription: a package to fill the status file\n %s\n %s\n\n' \
      "$i" "$i" "$i" "$(printf 'lorem ipsum %.0s' $(seq 20))" "$(printf 'dolor sit amet %.0s' $(seq 20))"
  done
}
filler 1 980 >>"$root/var/lib/dpkg/status"
for _ in $(seq "$rounds"); do host bench-20 --scenario is-installed --repeat 50; done >"$work/host"
warm=$(sed -n 's/^call IsInstalled .*result=900 .*us=\([0-9]*\).*/\1/p' "$work/host" | median)
load=$(sed -n 's/^times dlopen_us=\([0-9]*\) create_us=\([0-9]*\)/\1 \2/p' "$work/host" | awk '{ print $1 + $2 }' | median)
row "IsInstalled, 20 of 1,000 packages, warm" "$warm µs" "" "" "1,000 µs"
filler 981 1980 >>"$root/var/lib/dpkg/status"
row "\`du-apt state\`, 2,000 packages" "$(took artifacts/du-apt state --config "$root/config.json") ms" "a du-apt that does nothing: $(took artifacts/du-apt version compare 1 eq 1) ms" "" "15 ms"
row "dlopen and Create" "$load µs" "" "" "3,000 µs"
reset
grown=$(for _ in 1 2 3 4 5; do
  reset
  host bench-20 --scenario deploy
done | sed -n 's/^rss before=\([0-9]*\) .*end=\([0-9]*\)/\1 \2/p' | awk '{ print $2 - $1 }' | median)
row "memory of the agent after a deployment" "+$grown kB" "" "" "6,000 kB"
row "libdu_apt_handler.so" "$(stat -c %s artifacts/libdu_apt_handler.so) B" "" "" "${largest_library[$(dpkg --print-architecture)]} B"
row "du-apt" "$(stat -c %s artifacts/du-apt) B" "" "" "${largest_program[$(dpkg --print-architecture)]} B"

# The way back: the time of Backup in addition to planning, hashing and linking; and the time to look for something to recover.
hash_and_link() {
  mkdir "$work/linked"
  sha256sum "$root"/var/cache/apt/archives/*.deb
  ln "$root"/var/cache/apt/archives/*.deb "$work/linked"
  rm -r "$work/linked"
}
for count in 20 100; do
  reset
  manifest "$count" >"$work/manifest.json"
  artifacts/du-apt download "$work/manifest.json" --config "$root/config.json" >/dev/null 2>&1
  backup=$(took artifacts/du-apt backup "$work/manifest.json" --config "$root/config.json")
  plan=$(took artifacts/du-apt plan "$work/manifest.json" --config "$root/config.json")
  hash=$(took hash_and_link)
  row "Backup of $count packages, beyond planning, hashing and linking" "$((backup - plan - hash)) ms" "planning $plan ms, hashing and linking $hash ms" "" "$((count * 5)) ms"
done
recover=$(took artifacts/du-apt recover --config "$root/config.json")
nothing=$(took artifacts/du-apt version compare 1 eq 1)
row "\`du-apt recover\` where nothing is half-done" "$((recover - nothing)) ms" "a du-apt that does nothing: $nothing ms" "" "2 ms"

reset
# At the desk: a whole process, once with no findings and once with a finding in every entry.
manifest 1000 >"$work/large.json"
sed 's/"version":"1.0"}/"version":"=1.0"}/g' "$work/large.json" >"$work/faulty.json"
row "\`du-apt manifest lint\`, 1,000 packages" "$(took artifacts/du-apt manifest lint "$work/large.json") ms" \
  "with a mistake in each: $(took artifacts/du-apt manifest lint "$work/faulty.json") ms" "" "30 ms"

# Locking against a distribution: apt-get with the same packages, and the time that du-apt adds.
large_index() { # COUNT: a Packages file, as large and with as many dependencies as that of Debian
  awk -v count="$1" 'BEGIN {
    for (i = 1; i <= count; i++) {
      version = (1 + i % 9) "." (i % 23) "." (i % 5) "-" (1 + i % 3)
      printf "Package: part-%d\nSource: source-%d\nVersion: %s\nInstalled-Size: %d\n", i, i / 3, version, 20 + i % 4000
      printf "Maintainer: Team of part %d <part-%d@example.org>\nArchitecture: %s\n", i / 3, i / 3, i % 4 ? "amd64" : "all"
      if (i > 12) printf "Depends: part-%d (>= 0.1), part-%d, part-%d | virtual-%d, part-1 (>= 0)\n", i / 10, i / 7, i / 13, i % 500
      if (i % 40 == 0) printf "Provides: virtual-%d\n", i % 500
      if (i % 50 == 0) printf "Breaks: part-%d (<< 0.0.1)\nReplaces: part-%d (<< 0.0.1)\n", i - 1, i - 1
      if (i % 3 == 0) printf "Recommends: part-%d\n", i / 11 + 1
      printf "Description: part %d of a large distribution\nHomepage: https://example.org/projects/part-%d\nDescription-md5: %032x\n", i, i, i
      printf "Tag: implemented-in::c, interface::commandline, role::program, scope::utility,\n works-with::software:package, purpose::part-%d\n", i
      printf "Section: utils\nPriority: optional\nFilename: pool/main/p/part/part-%d_%s_amd64.deb\nSize: %d\nMD5sum: %032x\nSHA256: %064x\n\n", i, version, 5000 + i, i, i
    }
  }'
}
large=$work/large
mkdir -p "$large/dists/stable/main/binary-amd64"
large_index 60000 >"$large/dists/stable/main/binary-amd64/Packages"
apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 \
  release "$large/dists/stable" >"$work/Release"
mv "$work/Release" "$large/dists/stable/Release"
scripts/private-root.sh create "$work/desk" "copy:$large" "$repository/key.gpg"
rm "$work"/desk/etc/apt/sources.list.d/*
echo "deb [trusted=yes] copy:$large stable main" >"$work/desk/etc/apt/sources.list"
scripts/private-root.sh apt "$work/desk" -qq update
parts=()
for i in $(seq 3 297 59400); do parts+=("part-$i"); done
{ printf '{"name":"parts","version":"1","packages":[' && printf '{"name":"%s"},' "${parts[@]}" && printf '{"name":"part-1"}]}\n'; } >"$work/parts.json"
lock=(artifacts/du-apt manifest lock "$work/parts.json" --config "$work/desk/config.json")
export XDG_CACHE_HOME=$work/cache
took_in() { local rounds=$1; took "${@:2}"; } # ROUNDS COMMAND ...
first=$(took_in 1 "${lock[@]}")
row "\`du-apt manifest lock\`, ${#parts[@]} of 60,000 packages" "$(took_in 5 "${lock[@]}") ms, the first time $first ms" \
  "apt-get -s install: $(took_in 5 scripts/private-root.sh apt "$work/desk" -s install "${parts[@]}") ms" "" "+3,000 ms"

# Snapshots: all packages are fetched already. Each snapshot gets its own id, so that each run does all the work.
packages=()
for i in $(seq 2000); do packages+=(--and "device-part-$i" 1.0 --size 20); done
scripts/private-root.sh package "$work/parts" "${packages[@]:1}"
scripts/private-root.sh index "$work/parts"
printf 'Types: deb\nURIs: copy:%s\nSuites: stable\nComponents: main\nSigned-By: %s\n' "$work/parts" "$work/parts/key.gpg" >"$work/parts.sources"
repository() { artifacts/du-apt repository "$@" --store "$work/store" --config "$root/config.json"; }
snapshot() { repository create "$work/parts-$1.json" --sources "$work/parts.sources" --architectures amd64 --id "of-$1-$((++snapshots))"; }
artifacts/du-apt repository init "$work/store" --config "$root/config.json" >/dev/null
snapshots=0
for count in 200 2000; do
  manifest "$count" >"$work/parts-$count.json"
  snapshot "$count" >/dev/null
done
created=$(for _ in 1 2 3 4 5; do
  begin=$(now)
  snapshot 200 >/dev/null
  echo $((($(now) - begin) / 1000000))
done | median)
row "\`du-apt repository create\`, 200 packages fetched before" "$created ms" "" "" "2,000 ms"
promoted=$(for snapshot in of-200-1 of-2000-2 of-200-1 of-2000-2 of-200-1; do
  begin=$(now)
  repository promote "$snapshot" --channel dev >/dev/null
  echo $((($(now) - begin) / 1000000))
  # A second move within the same second would have to wait.
  sleep 1.1
done | median)
row "\`du-apt repository promote\`, 200 and 2,000 packages in turns" "$promoted ms" "" "" "500 ms"
row "\`du-apt repository verify\`, 2,000 packages" "$(took_in 5 repository verify of-2000-2) ms" "" "" "10,000 ms"

deploy 2 "$rounds" 1.5
deploy 100 $((rounds / 3)) 1.15
