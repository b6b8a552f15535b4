#!/usr/bin/env bash
# Makes what Terraform keeps its states in. Again is harmless: what is there is left as it is.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/terraform/bootstrap.sh PROJECT [--region REGION] [--dry-run]

Makes, in Google Cloud project PROJECT:
  PROJECT-isthmus-state        a versioned bucket for the states of gcp and aws
  PROJECT-isthmus-link-state   a versioned bucket for the state of link, which holds the tunnels' secrets,
                               encrypted with the key isthmus-state/link of Cloud KMS
in both of which a plan of the pipeline that nobody applied is deleted after two weeks, for it holds what the state holds,
makes the agents of Pub/Sub, GKE and Cloud Storage, which Terraform gives rights to,
and prints the commands that come next. --dry-run prints what it would do. The region is us-east4 unless named.

Example: infra/terraform/bootstrap.sh my-project --dry-run
TEXT
}

project="" region="us-east4" dry_run=false
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --region) region="${2:?--region needs a value}"; shift ;;
    --dry-run) dry_run=true ;;
    -*) echo "bootstrap.sh: unknown option $1" >&2; usage >&2; exit 1 ;;
    *) project="$1" ;;
  esac
  shift
done
if [ -z "$project" ]; then
  usage >&2
  exit 1
fi

run() {
  printf '+ %s\n' "$*"
  if [ "$dry_run" = false ]; then "$@"; fi
}

# there COMMAND...: does the thing exist already?
there() {
  [ "$dry_run" = false ] && "$@" >/dev/null 2>&1
}

lifecycle="$(mktemp)"
trap 'rm -f "$lifecycle"' EXIT
# In a versioned bucket the rule meets a plan twice: it becomes an old version, and then goes.
echo '{"rule": [{"action": {"type": "Delete"}, "condition": {"age": 14, "matchesPrefix": ["plans/"]}}]}' >"$lifecycle"

make_bucket() {
  local name="$1"
  shift
  if there gcloud storage buckets describe "gs://$name"; then
    echo "gs://$name is there already"
  else
    run gcloud storage buckets create "gs://$name" --project "$project" --location "$region" \
      --uniform-bucket-level-access --public-access-prevention "$@"
  fi
  run gcloud storage buckets update "gs://$name" --versioning --lifecycle-file "$lifecycle"
}

# The two that the states need, those by which Terraform reads the project and turns on all the others, and those whose agents are
# given rights below.
run gcloud services enable storage.googleapis.com cloudkms.googleapis.com serviceusage.googleapis.com \
  cloudresourcemanager.googleapis.com iam.googleapis.com pubsub.googleapis.com container.googleapis.com --project "$project"
# Google makes a service's agent when it first needs it, which is later than Terraform grants it something: a grant to an account
# that is not there is refused.
for service in pubsub container; do
  run gcloud beta services identity create --service "$service.googleapis.com" --project "$project"
done

if ! there gcloud kms keyrings describe isthmus-state --location "$region" --project "$project"; then
  run gcloud kms keyrings create isthmus-state --location "$region" --project "$project"
fi
if ! there gcloud kms keys describe link --keyring isthmus-state --location "$region" --project "$project"; then
  run gcloud kms keys create link --keyring isthmus-state --location "$region" --project "$project" \
    --purpose encryption --rotation-period 90d --next-rotation-time +p90d
fi
key="projects/$project/locations/$region/keyRings/isthmus-state/cryptoKeys/link"
run gcloud storage service-agent --project "$project" --authorize-cmek "$key"

make_bucket "$project-isthmus-state"
make_bucket "$project-isthmus-link-state" --default-encryption-key "$key"

cat <<TEXT

Next:
  terraform -chdir=infra/terraform/gcp init -backend-config=bucket=$project-isthmus-state
  terraform -chdir=infra/terraform/aws init -backend-config=bucket=$project-isthmus-state
  terraform -chdir=infra/terraform/link init -backend-config=bucket=$project-isthmus-link-state
TEXT
