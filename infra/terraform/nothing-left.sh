#!/usr/bin/env bash
# Asks both clouds for everything billable that Isthmus makes, and ends with 0 only if every answer was "none".
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/terraform/nothing-left.sh PROJECT [--region REGION] [--aws-region REGION] [--dry-run]

After a teardown: lists what is left of Isthmus in Google Cloud project PROJECT and in the AWS account of your credentials.
Exit code 0: nothing billable is left. 1: something is, or a question could not be asked. --dry-run prints the questions.

Google Cloud is asked for all of the project's, so what else lives in it is listed as well; AWS for what is called isthmus
or rag-query-api, or is tagged so. The regions are us-east4 and us-east-1 unless named.

Example: infra/terraform/nothing-left.sh my-project
TEXT
}

project="" region="us-east4" aws_region="us-east-1" dry_run=false
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --region) region="${2:?--region needs a value}"; shift ;;
    --aws-region) aws_region="${2:?--aws-region needs a value}"; shift ;;
    --dry-run) dry_run=true ;;
    -*) echo "nothing-left.sh: unknown option $1" >&2; usage >&2; exit 1 ;;
    *) project="$1" ;;
  esac
  shift
done
if [ -z "$project" ]; then
  usage >&2
  exit 1
fi

left=0
# none WHAT COMMAND...: is the command's answer empty?
none() {
  local what="$1" answer
  shift
  if [ "$dry_run" = true ]; then
    printf '+ %s\n' "$*"
  # AWS prints "None" for an empty answer.
  elif ! answer="$("$@")"; then
    echo "? $what: could not be asked" && left=1
  elif [ -n "$answer" ] && [ "$answer" != None ]; then
    echo "! $what:" && printf '%s\n' "$answer" | sed 's/^/    /' && left=1
  else
    echo "  $what: none"
  fi
}

google() { local what="$1"; shift; none "$what" gcloud "$@" --project "$project" --format 'value(name)'; }
amazon() { local what="$1"; shift; none "$what" aws "$@" --region "$aws_region" --output text; }

google "clusters" container clusters list
google "machines" compute instances list
google "disks" compute disks list
google "snapshots" compute snapshots list
google "load balancers" compute forwarding-rules list
google "addresses" compute addresses list
google "VPN tunnels" compute vpn-tunnels list
google "routers, with their NAT" compute routers list
google "buckets" storage buckets list
google "image repositories" artifacts repositories list --location "$region"
google "secrets" secrets list
google "subscriptions" pubsub subscriptions list
google "private zones" dns managed-zones list
google "alerting policies" monitoring policies list
# Of the interconnect's API: where it is off there is none, and asking would fail.
if [ "$dry_run" = true ] || [ -n "$(gcloud services list --enabled --project "$project" \
  --filter 'config.name=networkconnectivity.googleapis.com' --format 'value(config.name)')" ]; then
  google "transports of the interconnect" network-connectivity transports list --region "$region"
fi
for ring in isthmus-state weaviate-cluster; do
  google "keys of $ring" kms keys list --keyring "$ring" --location "$region" --filter primary.state=ENABLED
done

amazon "VPN connections" ec2 describe-vpn-connections \
  --filters Name=state,Values=available,pending Name=tag:application,Values=isthmus --query 'VpnConnections[].VpnConnectionId'
# Nothing ends an interconnect but this gateway, which AWS keeps as long as one ends there.
amazon "the interconnect's gateway" directconnect describe-direct-connect-gateways \
  --query "directConnectGateways[?directConnectGatewayName=='isthmus-link'].directConnectGatewayId"
amazon "interface endpoints" ec2 describe-vpc-endpoints \
  --filters Name=tag:application,Values=isthmus --query 'VpcEndpoints[].VpcEndpointId'
amazon "NAT gateways" ec2 describe-nat-gateways \
  --filter Name=state,Values=pending,available Name=tag:application,Values=isthmus --query 'NatGateways[].NatGatewayId'
amazon "public addresses" ec2 describe-addresses \
  --filters Name=tag:application,Values=isthmus --query 'Addresses[].PublicIp'
amazon "private zones" route53 list-hosted-zones --query "HostedZones[?Name=='isthmus.internal.'].Id"
amazon "secrets" secretsmanager list-secrets --filters Key=name,Values=isthmus/ --query 'SecretList[].Name'
amazon "firewalls" wafv2 list-web-acls --scope REGIONAL --query "WebACLs[?starts_with(Name, 'isthmus')].Name"
amazon "functions" lambda list-functions --query "Functions[?starts_with(FunctionName, 'rag-query-api')].FunctionName"
amazon "APIs" apigateway get-rest-apis --query "items[?starts_with(name, 'rag-query-api')].name"
amazon "deployments' buckets" s3api list-buckets --query "Buckets[?starts_with(Name, 'rag-query-api')].Name"
amazon "alarms" cloudwatch describe-alarms --alarm-name-prefix rag-query-api --query 'MetricAlarms[].AlarmName'
for prefix in /isthmus/ /aws/lambda/rag-query-api /aws/api-gateway/rag-query-api; do
  amazon "logs below $prefix" logs describe-log-groups --log-group-name-prefix "$prefix" --query 'logGroups[].logGroupName'
done

if [ "$dry_run" = true ]; then exit 0; fi
if [ "$left" -ne 0 ]; then
  echo "Something is left, or could not be asked: see above."
  exit 1
fi
echo "Nothing billable is left."
