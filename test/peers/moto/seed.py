"""What must be there before the query function is deployed: what infra/terraform/aws makes, and the layer that is AWS's own."""

import io
import json
import sys
import zipfile

import boto3


def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


network = client("ec2")
vpc = network.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
subnets = [
    network.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.20.0.0/20", "10.20.16.0/20")
]
group = network.create_security_group(GroupName="isthmus-query", Description="query", VpcId=vpc)["GroupId"]
values = {
    "weaviate/http-endpoint": "http://weaviate.isthmus.internal",
    "weaviate/grpc-endpoint": "https://weaviate.isthmus.internal:50051",
    "weaviate/ca-certificate": "the first certificate",
    "network/security-group-id": group,
    "alarms/topic-arn": "arn:aws:sns:us-east-1:123456789012:isthmus-alarms",
}
for name, value in values.items():
    client("ssm").put_parameter(Name=f"/isthmus/dev/{name}", Value=value, Type="String")
client("ssm").put_parameter(Name="/isthmus/dev/network/subnet-ids", Value=",".join(subnets), Type="StringList")
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("extension", "")
layer = client("lambda").publish_layer_version(LayerName="Secrets", Content={"ZipFile": code.getvalue()})
boundary = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
client("iam").create_policy(PolicyName="isthmus-boundary", PolicyDocument=json.dumps(boundary))
print(layer["LayerVersionArn"])
