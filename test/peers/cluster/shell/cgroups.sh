# shellcheck shell=bash
# Control groups of both versions. Sourced, never run.

# The folders in which a group named $1 is or would be, one for each hierarchy, beside the group of this process. $1 may be a path.
# In version 2 a group that holds processes passes nothing on to groups below, the first one of all excepted: so it lies there.
group_folders() {
  local line path
  while IFS= read -r line; do
    path=${line#*:*:}
    case $line in
      0::*) [ -e /sys/fs/cgroup/cgroup.controllers ] && echo "/sys/fs/cgroup/$1" ;;
      *:name=systemd:*) [ -d /sys/fs/cgroup/systemd ] && echo "/sys/fs/cgroup/systemd${path%/}/$1" ;;
      *)
        local names=${line#*:}
        names=${names%%:*}
        [ -d "/sys/fs/cgroup/$names" ] && echo "/sys/fs/cgroup/$names${path%/}/$1"
        ;;
    esac
  done </proc/self/cgroup
}

# Makes the folder of a group, ready to hold processes or further groups.
make_group() {
  local parent
  parent=$(dirname "$1")
  mkdir -p "$1"
  # Version 1: without processors and memory no process may enter.
  if [ ! -e "$1/cgroup.controllers" ] && [ -e "$1/cpuset.cpus" ] && [ -z "$(cat "$1/cpuset.cpus")" ]; then
    cat "$parent/cpuset.cpus" >"$1/cpuset.cpus"
    cat "$parent/cpuset.mems" >"$1/cpuset.mems"
  fi
  # Version 2: what is not passed on from above is not there below.
  if [ -e "$parent/cgroup.subtree_control" ]; then
    local controller
    for controller in $(cat "$parent/cgroup.controllers"); do echo "+$controller" >"$parent/cgroup.subtree_control" || true; done
  fi
}

# Ends what is left in a group, and removes it with all below.
remove_group() {
  local tries pid folder
  [ -d "$1" ] || return 0
  for tries in $(seq 100); do
    find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do kill -9 "$pid" 2>/dev/null; done
    find "$1" -depth -type d 2>/dev/null | while read -r folder; do rmdir "$folder" 2>/dev/null; done
    [ -d "$1" ] || return 0
    sleep 0.05
  done
  echo "the control group $1 could not be removed" >&2
}
