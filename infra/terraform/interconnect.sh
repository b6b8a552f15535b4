#!/usr/bin/env bash
# Offers the clouds' own connection from Google's side: neither provider of Terraform has a resource for a transport yet. Again is harmless:
# a transport that is there is left as it is.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/terraform/interconnect.sh PROJECT --account AWS_ACCOUNT [--region REGION] [--aws-region AWS_REGION]
         [--bandwidth 1G] [--network isthmus] [--advertise 10.10.16.0/24] [--dry-run]

Makes, in Google Cloud project PROJECT, the transport isthmus-link to the AWS account, tells AWS's side of the range of the internal load
balancers alone, waits until Google has drawn the key for it, and prints the variables with which infra/terraform/link accepts it. It costs
from the moment that it is there. --dry-run prints what it would do.

Example: infra/terraform/interconnect.sh my-project --account 012345678901 --dry-run
TEXT
}

project="" account="" region="us-east4" aws_region="us-east-1" bandwidth="1G" network="isthmus" advertise="10.10.16.0/24" dry_run=false
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --account) account="${2:?--account needs a value}"; shift ;;
    --region) region="${2:?--region needs a value}"; shift ;;
    --aws-region) aws_region="${2:?--aws-region needs a value}"; shift ;;
    --bandwidth) bandwidth="${2:?--bandwidth needs a value}"; shift ;;
    --network) network="${2:?--network needs a value}"; shift ;;
    --advertise) advertise="${2:?--advertise needs a value}"; shift ;;
    --dry-run) dry_run=true ;;
    -*) echo "interconnect.sh: unknown option $1" >&2; usage >&2; exit 1 ;;
    *) project="$1" ;;
  esac
  shift
done
if [ -z "$project" ] || ! [[ "$account" =~ ^[0-9]{12}$ ]]; then
  usage >&2
  exit 1
fi

run() {
  printf '+ %s\n' "$*"
  if [ "$dry_run" = false ]; then "$@"; fi
}
transports() { gcloud network-connectivity transports "$@" --region "$region" --project "$project"; }

run gcloud services enable networkconnectivity.googleapis.com --project "$project"
profile="aws-$aws_region"
# Only some pairs of regions have such a connection.
if [ "$dry_run" = false ] && ! transports remote-profiles list --format 'value(name.basename())' | grep -qx "$profile"; then
  echo "interconnect.sh: $region has no way to $profile; it has:" >&2
  transports remote-profiles list --format 'value(name.basename())' >&2
  exit 1
fi
if [ "$dry_run" = false ] && transports describe isthmus-link >/dev/null 2>&1; then
  echo "the transport isthmus-link is there already"
else
  run transports create isthmus-link --network "$network" --remote-profile "$profile" --remote-account-id "$account" \
    --bandwidth "$bandwidth" --advertised-routes "$advertise" --stack-type ipv4-only
fi
if [ "$dry_run" = true ]; then exit 0; fi

# Some minutes, at Google.
for ((waited = 0; waited < 1800; waited += 15)); do
  state="$(transports describe isthmus-link --format 'value(state)')"
  case "$state" in
    PENDING_KEY | ACTIVE) break ;;
    FAILED*) echo "interconnect.sh: the transport is $state; gcloud network-connectivity transports describe says more" >&2; exit 1 ;;
  esac
  echo "the transport is $state"
  sleep "${ISTHMUS_POLL_SECONDS:-15}"
done
peering="$(transports describe isthmus-link --format 'value(peeringNetwork)')"
cat <<TEXT

The transport is $state. Next, with the tunnels kept beside it:

  export TF_VAR_link_kind=interconnect TF_VAR_keep_vpn=true TF_VAR_transport_network=$peering
  export TF_VAR_activation_key="\$(gcloud network-connectivity transports describe isthmus-link --region $region \\
    --project $project --format 'value(generatedActivationKey)')"
  terraform -chdir=infra/terraform/link apply -var gcp_project_id=$project -var aws_account_id=$account
TEXT
