#!/usr/bin/env bash
# node-boot.sh FOLDER N: puts the machine together (its network, its disk, what it sees of the kernel) and hands over to node-run.sh.
set -eu
folder=$1 n=$2
here=$(cd "$(dirname "$0")" && pwd)
. "$folder/programs.env"
machine=$folder/nodes/node$n root=$folder/nodes/node$n/root

# Made here and handed to the bridge by its file: what number a process has depends on who looks.
ip link add eth0 type veth peer name port"$n"
ip link set port"$n" netns /proc/self/fd/7
nsenter --net=/proc/self/fd/7 ip link set port"$n" master bridge0 up
exec 7<&-
ip link set lo up
ip addr add 172.30.0.1"$n"/24 dev eth0
ip link set eth0 up
ip route add default via 172.30.0.1
for other in 1 2 3 4; do [ $other = "$n" ] || ip route add 10.244.$other.0/24 via 172.30.0.1$other; done
hostname "node$n"

mount -t overlay overlay -o "lowerdir=$ROOTFS,upperdir=$machine/changes,workdir=$machine/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir "$root/sys/fs/cgroup/$controller"
    mount -t cgroup -o $controller cgroup "$root/sys/fs/cgroup/$controller"
  done
fi
# Layers of containers lie on a disk and not in the overlay: an overlay cannot stand on another.
for part in containerd kubelet; do
  mkdir -p "$root/var/lib/$part"
  mount --bind "$machine/$part" "$root/var/lib/$part"
done
mkdir -p "$root/mnt/volumes" "$root/var/log" "$root/isthmus"
# Volumes outlive their node, as a cloud's disks do.
mkdir -p "$folder/volumes"
mount --bind "$folder/volumes" "$root/mnt/volumes"
mount --bind "$machine/log" "$root/var/log"
mount -t tmpfs tmpfs "$root/isthmus"
for pair in "$MACHINE=kube-machine" "$NETPOL=netpol" "$here/node-run.sh=node-run.sh" "$here/load-image.sh=load-image.sh"; do
  touch "$root/isthmus/${pair#*=}"
  mount --bind "${pair%=*}" "$root/isthmus/${pair#*=}"
done
for shared in pki images; do
  mkdir "$root/isthmus/$shared"
  mount --bind "$folder/$shared" "$root/isthmus/$shared"
done
# kubelet would set these for the whole kernel, which is not its own: it is shown them as set.
mkdir -p "$root/run/kernel"
for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
  shown=$root/run/kernel/$(basename "${setting%=*}")
  echo "${setting#*=}" >"$shown"
  mount --bind "$shown" "$root/proc/sys/${setting%=*}"
done
cd "$root"
mkdir -p old
pivot_root . old
umount -l old
mount --make-rshared /
exec bash /isthmus/node-run.sh "$n"
