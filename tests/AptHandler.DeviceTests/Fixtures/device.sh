#!/bin/sh
# The first process of a test device: lays a file system over the given ones, makes it the root, and waits. All that it mounts and all that
# ever runs there ends with it, and it ends with its input, so with the tests, however those end.
#   device.sh REPOSITORY LOWER-FOLDERS [SPACE]
# Changes go to the folder SPACE, or else to memory. It runs in namespaces of its own (mount, pid, net), which unshare makes.
set -eu
umask 022
repository=$1 lower=$2 space=${3:-}

if [ -z "$space" ]; then
  space=/mnt/device
  mount -t tmpfs -o mode=0755 tmpfs "$space"
fi
mkdir -p "$space/upper" "$space/work" "$space/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$space/upper,workdir=$space/work" overlay "$space/root"
mount -t devpts -o newinstance,gid=5,mode=0620,ptmxmode=0666 devpts "$space/root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$space/root/dev/shm"
mkdir -p "$space/root/opt/repository"
mount --bind -o ro "$repository" "$space/root/opt/repository"
exec sh "${0%/*}/boot.sh" "$space/root"
