#!/usr/bin/env bash
# node.sh FOLDER N: node N of the cluster, a machine of its own in all but its kernel. Runs within the lan; ending it is a power cut.
set -eu
folder=$1 n=$2
here=$(dirname "$0")
# shellcheck source=cgroups.sh
. "$here/cgroups.sh"
machine=$folder/nodes/node$n
mkdir -p "$machine"/{root,changes,work,containerd,kubelet,volumes,log}
# Beside the group that this process was born in, which ends in /first.
sed 's|$|/node'"$n|" "$folder/groups" >"$machine/groups"
while read -r group; do
  make_group "$group"
  echo $$ >"$group/cgroup.procs"
done <"$machine/groups"
# The way back to the bridge, once there is a network of its own.
exec 7</proc/self/ns/net
# The node's own groups begin at that of the process which says so.
# shellcheck disable=SC2016 # expanded within
exec unshare --cgroup bash -euc '. "$2/cgroups.sh"
while read -r group; do
  # Version 2: it leaves that group at once, which else could pass nothing on to pods.
  if [ -e "$group/cgroup.controllers" ]; then
    mkdir -p "$group/init"
    echo $$ >"$group/init/cgroup.procs"
    make_group "$group/init"
  fi
done <"$1/groups"
exec unshare --mount --net --pid --fork --uts --ipc --propagation private --kill-child bash "$2/node-boot.sh" "$3" "$4"' \
  node "$machine" "$here" "$folder" "$n"
