#!/usr/bin/env bash
# Real apt and dpkg on a private machine in a folder: no chroot, no container, milliseconds. Tests and demos use it.
set -euo pipefail
umask 022

usage() {
  cat <<'TEXT'
private-root.sh: signed repositories of tiny packages, and private roots in which real apt and dpkg install them.
Nothing outside the folders named on the command line is changed.

  package REPO NAME VERSION [WORD ...] [--and NAME VERSION [WORD ...]] ...
      Build packages into REPO/pool; an equal name, version and architecture is replaced. Each WORD is one of
        'Field: value'             a line of the control file (Depends, Breaks, Essential, Installed-Size, ...)
        --arch all|amd64|...       default: all
        --script NAME=TEXT         a maintainer script (preinst, postinst, prerm, postrm, config, ...); sh -e unless TEXT begins with #!
                                   The scripts run without chroot: they see the root's folder as $DPKG_ROOT
        --triggers TEXT            a line of deb-triggers(5): 'interest /usr/share/x'
        --conffile /etc/x=TEXT     a file that dpkg treats as configuration
        --file /usr/share/x=TEXT   any other file; a program if TEXT begins with #!
        --link /usr/share/x=TARGET a symbolic link
        --hard-link /usr/bin/x=/usr/bin/y  another name of a file that was named before
        --folder /srv/x            an empty folder
        --mode /srv/x=0700         the mode of what was named before
        --owner /srv/x=1000:1000   its owner and group, by number; needs root
        --size KIB                 a file of that many KiB, and the Installed-Size that goes with it
  withdraw REPO NAME VERSION       Take a package out of REPO/pool, whatever its architecture.
  index REPO [--unsigned]          Write and sign REPO/dists/stable (component main). The key is made once, in REPO/keys;
                                   its public half is REPO/key.gpg. Call again after packages changed.
  create ROOT URI [KEYRING]        Make a root that takes packages from the repository at URI (http://..., file:/..., copy:/...).
                                   Without KEYRING it is trusted as it is: quicker, where signatures do not matter.
                                   Writes ROOT/apt.conf, to be named by APT_CONFIG, and ROOT/config.json, to be named by du-apt --config.
  source ROOT NAME URI KEYRING     Add a second repository to a root.
  apt ROOT ARGS ...                apt-get ARGS in the root.
  dpkg ROOT ARGS ...               dpkg ARGS in the root.
  status ROOT                      One line for each package that dpkg knows there: name, version, state.

Repositories and roots are for this machine's architecture, or for the one that DU_APT_TEST_ARCHITECTURE names.

Example:
  private-root.sh package /tmp/repo hello 1.0 --and hello 2.0 'Depends: world (>= 2)' --and world 2.0
  private-root.sh index   /tmp/repo
  private-root.sh create  /tmp/root copy:/tmp/repo /tmp/repo/key.gpg
  private-root.sh apt     /tmp/root update
  private-root.sh apt     /tmp/root -y install hello
  private-root.sh status  /tmp/root
TEXT
}

fail() {
  printf 'private-root.sh: %s\n' "$*" >&2
  exit 2
}

# Files named in apt.conf, config.json and sources must be absolute. Each of these formats quotes differently, so such names are refused.
absolute() {
  [[ $1 != *[[:space:]\"\\\;\'%]* ]] || fail "cannot use '$1': white space, quotes, backslashes, ';' and '%' are not supported in names of folders"
  realpath -m -- "$1"
}

architecture_of_roots() { printf '%s' "${DU_APT_TEST_ARCHITECTURE:-$(dpkg --print-architecture)}"; }

existing_root() {
  [[ -f $1/apt.conf ]] || fail "'$1' is not a private root: make it with 'create'"
  absolute "$1"
}

# The colon of an epoch is allowed in a file name, but apt writes it as %3a, and other programs read these files, too.
pool_stem() { printf '%s' "${1}_${2//:/_}"; } # NAME VERSION

make_folder_of() { # FOLDER /path/in/package=TEXT
  local path=${2%%=*}
  [[ $path == /* && $2 == *=* ]] || fail "cannot read '$2': expected /path=TEXT"
  mkdir -p "$1${path%/*}"
}

write_file() { # FOLDER /path/in/package=TEXT
  local path=${2%%=*}
  make_folder_of "$@"
  printf '%s\n' "${2#*=}" >"$1$path"
  [[ ${2#*=} != '#!'* ]] || chmod 0755 "$1$path"
}

build_package() { # POOL FOLDER NAME VERSION [WORD ...]
  local pool=$1 folder=$2 name=$3 version=$4 architecture=all fields='' scripts=() options=(--root-owner-group) script text kib
  shift 4
  mkdir -p "$folder/DEBIAN"
  while (($# > 0)); do
    case $1 in
      --arch) architecture=$2; shift 2 ;;
      --script)
        script=$folder/DEBIAN/${2%%=*} text=${2#*=}
        [[ $text == '#!'* ]] || text=$'#!/bin/sh\nset -e\n'$text
        printf '%s\n' "$text" >"$script"
        scripts+=("$script"); shift 2 ;;
      --triggers) printf '%s\n' "$2" >>"$folder/DEBIAN/triggers"; shift 2 ;;
      --conffile)
        write_file "$folder" "$2"
        printf '%s\n' "${2%%=*}" >>"$folder/DEBIAN/conffiles"; shift 2 ;;
      --file) write_file "$folder" "$2"; shift 2 ;;
      --link)
        make_folder_of "$folder" "$2"
        ln -s "${2#*=}" "$folder${2%%=*}"; shift 2 ;;
      --hard-link)
        make_folder_of "$folder" "$2"
        ln "$folder${2#*=}" "$folder${2%%=*}"; shift 2 ;;
      --folder) mkdir -p "$folder$2"; shift 2 ;;
      --mode) chmod "${2#*=}" "$folder${2%%=*}"; shift 2 ;;
      # A new owner removes the setuid bits, so give the mode after the owner.
      --owner) chown -h "${2#*=}" "$folder${2%%=*}"; options=(); shift 2 ;;
      --size)
        kib=$2
        mkdir -p "$folder/usr/share/$name"
        head -c "${kib}K" /dev/zero >"$folder/usr/share/$name/filler"
        fields+="Installed-Size: $kib"$'\n'; shift 2 ;;
      [A-Z]*': '*) fields+=$1$'\n'; shift ;;
      *) fail "cannot read '$1' of package $name: see --help" ;;
    esac
  done
  printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: Nobody <nobody@example.invalid>\n%sDescription: %s, made for a test\n' \
    "$name" "$version" "$architecture" "$fields" "$name" >"$folder/DEBIAN/control"
  ((${#scripts[@]} == 0)) || chmod 0755 "${scripts[@]}"
  # dpkg-deb refuses to make a package with such a name unless it gets this option. dpkg installs it.
  [[ $name != *_* ]] || options+=(--nocheck)
  dpkg-deb -Znone "${options[@]}" --build "$folder" "$pool/$(pool_stem "$name" "$version")_$architecture.deb" >/dev/null
}

package() {
  (($# >= 3)) || fail 'package needs REPO NAME VERSION'
  local repository=$1 words jobs=() job at_once=8 work
  shift
  mkdir -p "$repository/pool"
  work=$(mktemp -d -p "$repository" .build.XXXXXX)
  # shellcheck disable=SC2064 # the name of the folder is needed as it is now
  trap "rm -rf '$work'" EXIT
  # Built in parallel: a package costs three processes and almost no work.
  while (($# > 0)); do
    words=()
    while (($# > 0)) && [[ $1 != --and ]]; do words+=("$1"); shift; done
    (($# == 0)) || shift
    ((${#words[@]} >= 2)) || fail 'package needs NAME and VERSION'
    ((${#jobs[@]} < at_once)) || wait "${jobs[-at_once]}"
    build_package "$repository/pool" "$work/${#jobs[@]}" "${words[@]}" &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

withdraw() {
  (($# == 3)) || fail 'withdraw needs REPO NAME VERSION'
  local found=("$1/pool/$(pool_stem "$2" "$3")"_*.deb)
  [[ -e ${found[0]} ]] || fail "cannot withdraw $2 $3: it is not in $1/pool"
  rm -f "${found[@]}"
}

# apt ignores a Release file whose Date is not later than that of the one it has, and HTTP compares times only to the second.
# So every index is at least a second later than the one before. The first is dated an hour back: apt also refuses dates in the future.
next_date() { # REPO
  local last=0 date=$((EPOCHSECONDS - 3600))
  [[ ! -f $1/.last-date ]] || last=$(<"$1/.last-date")
  ((date > last)) || date=$((last + 1))
  printf '%s' "$date" | tee "$1/.last-date"
}

make_key() { # REPO GPG ...
  local keys=$1/keys
  # gpg-agent listens on a socket beside the keys, and the kernel limits the path of a socket to 107 bytes.
  ((${#1} <= 80)) || fail "cannot keep a key in '$1': the path has more than 80 characters"
  mkdir -p "$keys"
  chmod 0700 "$keys"
  "${@:2}" --passphrase '' --quick-generate-key 'Private root <nobody@example.invalid>' ed25519 sign never 2>"$keys/log" ||
    fail "cannot make a key: $(<"$keys/log")"
  "${@:2}" --export >"$1/key.gpg"
}

index() {
  [[ $# == 1 || ($# == 2 && $2 == --unsigned) ]] || fail 'index needs REPO'
  local repository next=.next-index date gpg architecture
  architecture=$(architecture_of_roots)
  repository=$(absolute "$1")
  mkdir -p "$repository"/{pool,dists}
  gpg=(gpg --batch --quiet --no-tty --yes --homedir "$repository/keys")
  [[ -n ${2:-} || -f $repository/key.gpg ]] || make_key "$repository" "${gpg[@]}"
  date=$(next_date "$repository")
  cd "$repository"
  rm -rf "$next"
  mkdir -p "$next/main/binary-$architecture"
  unset APT_CONFIG
  apt-ftparchive packages pool >"$next/main/binary-$architecture/Packages"
  TZ=UTC LC_ALL=C printf -v released '%(%a, %d %b %Y %H:%M:%S +0000)T' "$date"
  apt-ftparchive -o APT::FTPArchive::Release::Origin=Example -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
    -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures="$architecture" -o APT::FTPArchive::Release::Date="$released" \
    release "$next" >.next-release
  mv .next-release "$next/Release"
  [[ -n ${2:-} ]] || "${gpg[@]}" --clearsign --output "$next/InRelease" "$next/Release"
  touch -d "@$date" "$next"/*Release "$next/main/binary-$architecture/Packages"
  rm -rf dists/stable
  mv "$next" dists/stable
}

add_source() { # ROOT NAME URI [KEYRING]
  local root=$1 trust='Trusted: yes'
  [[ -z ${4:-} ]] || trust="Signed-By: $(absolute "$4")"
  cat >"$root/etc/apt/sources.list.d/$2.sources" <<TEXT
Types: deb
URIs: $3
Suites: stable
Components: main
$trust
TEXT
}

create() {
  (($# == 2 || $# == 3)) || fail 'create needs ROOT URI'
  local root architecture
  architecture=$(architecture_of_roots)
  root=$(absolute "$1")
  [[ $root != / ]] || fail 'cannot make a private root of /'
  [[ ! -e $root/var/lib/dpkg/status ]] || fail "cannot make a private root of '$root': a dpkg database is there already"
  mkdir -p "$root"/etc/apt/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} \
    "$root"/var/lib/apt/lists/partial "$root"/var/cache/apt/archives/partial "$root"/var/log/{apt,adu} \
    "$root"/var/lib/dpkg/{info,updates,triggers,alternatives,parts} "$root"/var/lib/{adu,du-apt-handler} "$root"/{run/du-apt-handler,tmp}
  : >"$root/var/lib/dpkg/status"
  : >"$root/var/lib/dpkg/available"
  echo 1 >"$root/var/lib/dpkg/info/format"
  # apt reads the file in APT_CONFIG before all others, and finds the others through it. So it reads nothing of the host's configuration.
  cat >"$root/apt.conf" <<TEXT
Dir "$root/";
Dir::State "var/lib/apt";
Dir::State::status "$root/var/lib/dpkg/status";
Dir::State::extended_states "$root/var/lib/apt/extended_states";
Dir::Cache "var/cache/apt";
Dir::Etc "etc/apt";
Dir::Etc::Trusted "trusted.gpg";
Dir::Etc::TrustedParts "trusted.gpg.d";
Dir::Log "$root/var/log/apt";
Dir::Bin::dpkg "/usr/bin/dpkg";
Dir::Bin::methods "/usr/lib/apt/methods";
Dir::Bin::solvers { "/usr/lib/apt/solvers"; };
Dir::Bin::planners { "/usr/lib/apt/planners"; };
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
DPkg::Options { "--root=$root"; "--force-script-chrootless"; "--log=$root/var/log/dpkg.log"; };
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
// A proxy of the environment would be asked for 127.0.0.1, too.
Acquire::http::Proxy "DIRECT";
TEXT
  cat >"$root/config.json" <<TEXT
{
  "aptConfig": "$root/apt.conf",
  "stateDir": "$root/var/lib/du-apt-handler",
  "runDir": "$root/run/du-apt-handler",
  "logDir": "$root/var/log/adu",
  "installedCriteriaFile": "$root/var/lib/adu/installedcriteria"
}
TEXT
  add_source "$root" private "${@:2}"
}

run_apt() {
  local root
  root=$(existing_root "$1")
  shift
  # If the file were missing, apt would only warn, and work on the host.
  APT_CONFIG=$root/apt.conf DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 exec apt-get "$@" </dev/null
}

run_dpkg() {
  local root
  root=$(existing_root "$1")
  shift
  DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 exec dpkg --root="$root" --force-script-chrootless --log="$root/var/log/dpkg.log" "$@"
}

status() {
  local root
  root=$(existing_root "$1")
  # shellcheck disable=SC2016 # dpkg-query's own variables
  exec dpkg-query --admindir="$root/var/lib/dpkg" --show --showformat='${Package} ${Version} ${db:Status-Status}\n'
}

command=${1:---help}
shift || true
case $command in
  package | withdraw | index | create) "$command" "$@" ;;
  source) (($# == 4)) || fail 'source needs ROOT NAME URI KEYRING'; add_source "$(existing_root "$1")" "${@:2}" ;;
  apt | dpkg) (($# >= 1)) || fail "$command needs ROOT"; "run_$command" "$@" ;;
  status) (($# == 1)) || fail 'status needs ROOT'; status "$1" ;;
  -h | --help | help) usage ;;
  *) fail "unknown command '$command': see --help" ;;
esac
