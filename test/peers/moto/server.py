"""AWS as moto 5.2.5 plays it, with what it lacks for a stack such as ours. Each gap is named; all else is moto's own."""

import sys

from moto.apigateway.models import apigateway_backends, Method
from moto.awslambda import models as functions
from moto.cloudformation import models as stacks
from moto.core.common_models import CloudFormationModel


class Alias(CloudFormationModel):
    __module__ = "moto.awslambda.models"  # moto names a service by it
    """CloudFormation knows AWS::Lambda::Alias; moto has aliases by API calls alone."""

    def __init__(self, function, name, version):
        self.function, self.name, self.version = function, name, version

    @property
    def physical_resource_id(self):
        return f"{self.function}:{self.name}"

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Alias"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = cloudformation_json["Properties"]
        backend = functions.lambda_backends[account_id][region_name]
        alias = cls(properties["FunctionName"], properties["Name"], str(properties["FunctionVersion"]))
        backend.create_alias(alias.name, alias.function, alias.version, "", None)
        return alias

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        properties = cloudformation_json["Properties"]
        backend = functions.lambda_backends[account_id][region_name]
        original_resource.version = str(properties["FunctionVersion"])
        backend.update_alias(original_resource.name, original_resource.function, original_resource.version, "", None)
        return original_resource

    def delete(self, account_id, region_name):
        functions.lambda_backends[account_id][region_name].delete_alias(self.name, self.function)


# Fn::GetAtt of a version is its number.
functions.LambdaVersion.has_cfn_attr = classmethod(lambda _, attribute: attribute == "Version")
functions.LambdaVersion.get_cfn_attribute = lambda self, _: str(self.version)

# An integration of type MOCK has no address, and needs no method.
make_method = Method.create_from_cloudformation_json.__func__


def with_address(cls, resource_name, cloudformation_json, account_id, region_name, **more):
    integration = cloudformation_json["Properties"]["Integration"]
    integration.setdefault("Uri", "arn:aws:apigateway:us-east-1:none")
    integration.setdefault("IntegrationHttpMethod", "POST")
    return make_method(cls, resource_name, cloudformation_json, account_id, region_name, **more)


Method.create_from_cloudformation_json = classmethod(with_address)

# CloudFormation refuses a template for faults, not for advice; test/lambda/template-checkers.test.ts has both checked, once.
stacks.CloudFormationBackend.validate_template = lambda *_: []

from moto.server import main  # noqa: E402  what is patched must be patched before it looks models up

main(sys.argv[1:])
