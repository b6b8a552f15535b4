#!/usr/bin/env bash
# build-images.sh ROOTFS FOLDER SCRIPT…: runs a script of builds in a machine of its own, without a network; FOLDER is /build there.
set -eu
rootfs=$1 folder=$2
shift 2
root=$folder/machine/root
mkdir -p "$folder"/machine/{root,changes,work,store,run}
mount -t overlay overlay -o "lowerdir=$rootfs,upperdir=$folder/machine/changes,workdir=$folder/machine/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/var/lib/containers" "$root/build"
mount --bind "$folder/machine/store" "$root/var/lib/containers"
mount --bind "$folder" "$root/build"
ip link set lo up
cd "$root"
mkdir -p old
pivot_root . old
umount -l old
cd /build
exec "$@"
