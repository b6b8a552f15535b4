#!/usr/bin/env bash
# Brings Secret weaviate-secrets up to date with Secret Manager. The keys go from file to file: none is ever a variable or an
# argument, so `bash -x` prints none.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/ci/weaviate-secrets.sh --project PROJECT [--dry-run]

Creates or updates Secret weaviate-secrets in namespace isthmus (kubectl's current cluster) with the newest versions of
weaviate-api-key, weaviate-writer-key and weaviate-reader-key of Secret Manager. The Secret is never deleted, and other keys in
it stay; while it holds a key NAME-next, a rotation is in hand and nothing is changed. --dry-run reads the keys and lets the API server check the Secret, and changes nothing.

Example: scripts/ci/weaviate-secrets.sh --project my-project --dry-run
TEXT
}

project=""
apply=(kubectl -n isthmus apply --server-side --field-manager=isthmus-ci-secrets --force-conflicts -f -)
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --project) project="${2:?--project needs a value}"; shift ;;
    --dry-run) apply+=(--dry-run=server) ;;
    *) echo "weaviate-secrets.sh: unknown argument $1" >&2; usage >&2; exit 1 ;;
  esac
  shift
done
if [ -z "$project" ]; then
  usage >&2
  exit 1
fi

# While a rotation is in hand the newest version is the next key: it would stand beside itself, and Weaviate starts with no two equal
# keys. Who rotates ends it by taking the next keys out (docs/operations/rotate-keys.md).
# shellcheck disable=SC2016 # kubectl reads it
held="$(kubectl -n isthmus get secret weaviate-secrets --ignore-not-found -o 'go-template={{range $name, $_ := .data}}{{$name}} {{end}}')"
case " $held " in
  *-key-next\ *)
    echo "a rotation is in hand (weaviate-secrets holds ${held% }): the Secret stays as it is"
    exit 0
    ;;
esac

umask 077
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

for name in api-key writer-key reader-key; do
  gcloud secrets versions access latest --secret "weaviate-$name" --project "$project" --out-file "$folder/$name"
  # A line end that came along with the key would become part of it.
  if [ ! -s "$folder/$name" ] || [ "$(tr -d '[:graph:]' <"$folder/$name" | wc -c)" -ne 0 ]; then
    cat >&2 <<TEXT
weaviate-secrets.sh: the newest version of weaviate-$name is empty, or holds a space or a line end. Add it again:
  openssl rand -hex 32 | tr -d '\n' | gcloud secrets versions add weaviate-$name --data-file=- --project $project
TEXT
    exit 1
  fi
done

kubectl -n isthmus create secret generic weaviate-secrets --from-file "$folder" --dry-run=client -o yaml | "${apply[@]}"
