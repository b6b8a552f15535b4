#!/usr/bin/env bash
# keeper.sh FOLDER NAME COMMAND…: runs a command in namespaces and a control group of its own for as long as standard input stays open.
#
# Whoever started it may end in any way, also by SIGKILL: then the pipe closes, and everything that was made is ended and removed.
# It says the process id of the command's first process, as the host sees it, in FOLDER/first.pid.
set -u
folder=$1 name=$2
shift 2
here=$(dirname "$0")
# shellcheck source=cgroups.sh
. "$here/cgroups.sh"
trap '' INT TERM HUP

group_folders "$name" >"$folder/groups"
while read -r group; do
  make_group "$group"
  make_group "$group/first"
done <"$folder/groups"

(
  trap - INT TERM HUP
  while read -r group; do echo "$BASHPID" >"$group/first/cgroup.procs"; done <"$folder/groups"
  exec </dev/null
  exec unshare --mount --net --pid --fork --uts --ipc --mount-proc --propagation private --kill-child "$@"
) &
child=$!
# The first process of its namespace has a second number there, and it is 1.
first=
while [ -z "$first" ] && kill -0 "$child" 2>/dev/null; do
  for group in $(head -1 "$folder/groups"); do
    for pid in $(cat "$group/first/cgroup.procs"); do
      grep -qE '^NSpid:\s+[0-9]+\s+1$' "/proc/$pid/status" 2>/dev/null && first=$pid
    done
  done
  sleep 0.02
done
echo "$first" >"$folder/first.pid.new" && mv "$folder/first.pid.new" "$folder/first.pid"

cat >/dev/null
kill -9 ${first:+"$first"} "$child" 2>/dev/null
wait "$child" 2>/dev/null
while read -r group; do remove_group "$group"; done <"$folder/groups"
rm -rf --one-file-system "$folder"
