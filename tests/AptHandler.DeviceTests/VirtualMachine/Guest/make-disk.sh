#!/usr/bin/env bash
# Writes the disk of a virtual machine: a Debian with systemd, in which packages of a repository are installed.
#   make-disk.sh ROOT REPOSITORY DISK PACKAGE...
# Run in namespaces of its own (mount, pid), so that nothing stays mounted.
set -euo pipefail
umask 022
here=$(dirname "$0") root=$1 repository=$2 disk=$3
shift 3

new=$(mktemp -d -p "$(dirname "$disk")")
trap 'umount --lazy "$new/proc" "$new/dev" 2>/dev/null || true; rm -rf --one-file-system "$new"' EXIT
chmod 0755 "$new"
cp -a --reflink=auto "$root/." "$new"
rm "$new/boot/vmlinuz"
cp -a "$repository" "$new/opt/repository"
rm -rf "$new/opt/repository/keys"
cat >"$new/etc/apt/sources.list.d/test.sources" <<'TEXT'
Types: deb
URIs: copy:/opt/repository
Suites: stable
Components: main
Signed-By: /opt/repository/key.gpg
TEXT
mount -t proc proc "$new/proc"
# A root for another architecture was made without device files.
[[ -c $new/dev/null ]] || mount --rbind /dev "$new/dev"
in_root() { chroot "$new" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
in_root apt-get -qq update
in_root apt-get -qq -y install "$@"
umount "$new/proc"
! mountpoint --quiet "$new/dev" || umount --lazy "$new/dev"

echo device >"$new/etc/hostname"
echo '/dev/nvme0n1 / ext4 defaults 0 1' >"$new/etc/fstab"
install -m 0755 -t "$new/usr/local/lib" "$here"/{commands,snapshot}
install -m 0644 "$here/commands.service" "$new/etc/systemd/system/commands.service"
in_root systemctl --quiet enable commands.service deviceupdate-agent.service
# Nobody logs in, and what waits for nothing only makes the start longer. Most of the time of a test is spent starting.
in_root systemctl --quiet mask getty.target serial-getty@ttyS0.service systemd-logind.service systemd-random-seed.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-modules-load.service modprobe@.service kmod-static-nodes.service \
  e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer fstrim.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer \
  dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount

truncate -s 1500M "$disk"
mke2fs -q -t ext4 -d "$new" "$disk"
