#!/usr/bin/env bash
# load-image.sh ARCHIVE: takes an image in, also by its digest, as if it had been pulled so. Says the digest, last.
set -euo pipefail
ctr -n k8s.io images import "$1"
ctr -n k8s.io images ls >/run/images
tar -xOf "$1" manifest.json | sed -E 's/.*"RepoTags":\["([^"]*)".*/\1/' >/run/name
name=$(cat /run/name)
digest=$(awk -v name="$name" '$1 == name { print $3 }' /run/images)
ctr -n k8s.io images tag --force "$name" "${name%:*}@$digest" >/dev/null
echo "$digest"
