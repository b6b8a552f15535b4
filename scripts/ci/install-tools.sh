#!/usr/bin/env bash
# The tools that CI's machine lacks, each at an exact version that a checksum or a lock file vouches for.
set -euo pipefail

terraform_version=1.11.4
# From HashiCorp's terraform_1.11.4_SHA256SUMS, for linux_amd64.
terraform_sha256=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc
# Go's checksum database vouches for these.
syft_version=v1.57.0
grype_version=v0.121.2

usage() {
  cat <<TEXT
Usage: scripts/ci/install-tools.sh [terraform] [syft] [grype] [osls] [cmake] [--dry-run]

Installs what is named:
  terraform   $terraform_version, into ~/.local/bin
  syft        $syft_version, by go install, where ~/.local/bin does not hold it already
  grype       $grype_version, likewise
  osls        as infra/serverless/package-lock.json says
  cmake       and a compiler for C++, from the machine's own packages, where it has none
Nothing named: nothing to install. In CircleCI it also puts the names in .circleci/installation.env into the environment of later steps. Node, gcloud, kubectl, aws and docker come with the machine or by CircleCI's orbs.

Example: scripts/ci/install-tools.sh terraform
TEXT
}

dry_run=false
names=()
for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exit 0 ;;
    --dry-run) dry_run=true ;;
    terraform | syft | grype | osls | cmake) names+=("$argument") ;;
    *) echo "install-tools.sh: unknown argument $argument" >&2; usage >&2; exit 1 ;;
  esac
done

run() {
  printf '+ %s\n' "$*"
  if [ "$dry_run" = false ]; then "$@"; fi
}

bin="$HOME/.local/bin"
# Minutes of compiling; CircleCI keeps the folder between builds. A program from before another version was named is not it.
compiled() {
  if go version -m "$bin/$1" 2>/dev/null | grep -q "mod.*github.com/anchore/$1.*${2//./\\.}"; then
    echo "$1 $2 is there already"
  else
    run env GOBIN="$bin" go install "github.com/anchore/$1/cmd/$1@$2"
  fi
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
for name in ${names[@]+"${names[@]}"}; do
  case "$name" in
    terraform)
      archive="terraform_${terraform_version}_linux_amd64.zip"
      run curl --fail --silent --show-error --location --retry 3 --output "$folder/$archive" \
        "https://releases.hashicorp.com/terraform/$terraform_version/$archive"
      echo "$terraform_sha256  $folder/$archive" >"$folder/sums"
      run sha256sum --check "$folder/sums"
      run mkdir -p "$bin"
      run unzip -o -q "$folder/$archive" terraform -d "$bin"
      ;;
    syft) compiled syft "$syft_version" ;;
    grype) compiled grype "$grype_version" ;;
    osls) run npm ci --prefix infra/serverless --ignore-scripts --no-audit --no-fund ;;
    cmake)
      if command -v cmake >/dev/null && command -v g++ >/dev/null; then
        echo "cmake and g++ are there already"
      else
        run sudo apt-get update -q
        run sudo apt-get install -qy --no-install-recommends cmake g++ make xz-utils
      fi
      ;;
  esac
done
if [ -n "${BASH_ENV:-}" ] && [ "$dry_run" = false ]; then
  # shellcheck disable=SC2016 # the next step expands it
  echo 'export PATH="$HOME/.local/bin:$PATH"' >>"$BASH_ENV"
  sed -n 's/^[A-Z][A-Z0-9_]*=[A-Za-z0-9._:/@-]*$/export &/p' .circleci/installation.env >>"$BASH_ENV"
fi
