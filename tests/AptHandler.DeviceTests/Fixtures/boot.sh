#!/bin/sh
# Makes a mounted root file system the root of this process, which is the first of its namespaces (mount, pid), and waits for the end of its input.
#   boot.sh FOLDER
set -eu
cd "$1"
mount -t proc proc proc

# The machine of the tests is out of reach from here on: no mistake of a test can change it.
pivot_root . mnt
cd /
umount --lazy /mnt
# Nobody waits for what a dead parent leaves behind: the kernel is to forget it at once.
exec perl -e '$SIG{CHLD} = "IGNORE"; $| = 1; print "ready\n"; 1 while <STDIN>'
