#!/bin/sh
# The first process of a test device: lays a file system over the given ones, makes it the root, and waits. All that it mounts and all that
# ever runs there ends with it, and it ends with its input, so with the tests, however those end.
#   device.sh REPOSITORY LOWER-FOLDERS [SPACE]
# Changes go to the folder SPACE, or else to memory. It runs in namespaces of its own (mount, pid, net), which unshare makes. A root without
# device files was made in a user namespace, and so is its device.
set -eu
umask 022
repository=$1 lower=$2 space=${3:-}

if [ -z "$space" ]; then
  space=/mnt/device
  mount -t tmpfs -o mode=0755 tmpfs "$space"
fi
mkdir -p "$space/upper" "$space/work" "$space/root"
layers="lowerdir=$lower,upperdir=$space/upper,workdir=$space/work"
if [ -c "${lower##*:}/dev/null" ]; then
  mount -t overlay -o "$layers" overlay "$space/root"
else
  # What overlayfs writes down about its files, only real root may write where it writes it as a rule.
  mount -t overlay -o "$layers,userxattr" overlay "$space/root"
  mkdir -p "$space/root/dev/pts" "$space/root/dev/shm"
  for name in null zero full random urandom tty; do
    : >"$space/root/dev/$name"
    mount --bind "/dev/$name" "$space/root/dev/$name"
  done
  ln -snf pts/ptmx "$space/root/dev/ptmx"
  ln -snf /proc/self/fd "$space/root/dev/fd"
  for link in 0:stdin 1:stdout 2:stderr; do ln -snf "/proc/self/fd/${link%:*}" "$space/root/dev/${link#*:}"; done
fi
mount -t devpts -o newinstance,gid=5,mode=0620,ptmxmode=0666 devpts "$space/root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$space/root/dev/shm"
mkdir -p "$space/root/opt/repository"
mount --bind -o ro "$repository" "$space/root/opt/repository"
exec sh "${0%/*}/boot.sh" "$space/root"
