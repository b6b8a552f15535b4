"""moto's server, with what its CloudFormation lacks for functions behind an API. Started with moto_server's own arguments.

Each part says what moto 5.2.5 does instead. docs/operations/pipeline.md lists what is still not shown by it.
"""

import json
import re
from typing import Any

import moto.apigateway.models as api_gateway
import moto.awslambda.models as functions
import moto.cloudformation.models as cloudformation
import moto.cloudformation.parsing as parsing
from moto.apigateway.responses import APIGatewayResponse
from moto.core.common_models import CloudFormationModel
from moto.server import main


# ValidateTemplate: moto refuses a template for cfn-lint's advice, which is no fault at AWS. A test of the template lints it.
cloudformation.validate_template_cfn_lint = lambda template: []


def create_method(cls: Any, resource_name: str, cloudformation_json: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """AWS::ApiGateway::Method: moto asks for a Uri and a method of the integration, which a MOCK has not."""
    integration = cloudformation_json["Properties"]["Integration"]
    integration.setdefault("Uri", None)
    integration.setdefault("IntegrationHttpMethod", None)
    return create_method_by_moto(cls, resource_name, cloudformation_json, *args, **kwargs)


create_method_by_moto = api_gateway.Method.create_from_cloudformation_json.__func__
api_gateway.Method.create_from_cloudformation_json = classmethod(create_method)


def delete_api(self: Any, account_id: str, region_name: str) -> None:
    """AWS::ApiGateway::RestApi: moto leaves it behind."""
    api_gateway.apigateway_backends[account_id][region_name].delete_rest_api(self.id)


api_gateway.RestAPI.delete = delete_api


def version_attribute(self: Any, name: str) -> str:
    """AWS::Lambda::Version: moto knows no Fn::GetAtt of it."""
    if name == "Version":
        return str(self.version)
    raise KeyError(name)


functions.LambdaVersion.has_cfn_attr = classmethod(lambda cls, name: name == "Version")
functions.LambdaVersion.get_cfn_attribute = version_attribute


class Alias(CloudFormationModel):
    """AWS::Lambda::Alias: moto has it by Lambda's calls alone."""

    # moto finds the models of a service by their module.
    __module__ = "moto.awslambda.models"

    def __init__(self, function: str, name: str):
        self.function, self.name = function, name

    @property
    def physical_resource_id(self) -> str:
        return f"{self.function}:{self.name}"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Alias"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "Alias":
        values = cloudformation_json["Properties"]
        backend = functions.get_backend(account_id, region_name)
        backend.create_alias(values["Name"], values["FunctionName"], str(values["FunctionVersion"]), "", None)
        return cls(values["FunctionName"], values["Name"])

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: "Alias", new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "Alias":
        values = cloudformation_json["Properties"]
        backend = functions.get_backend(account_id, region_name)
        backend.update_alias(values["Name"], values["FunctionName"], str(values["FunctionVersion"]), "", None)
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        functions.get_backend(account_id, region_name).delete_alias(self.name, self.function)


class ApiKey(CloudFormationModel):
    """AWS::ApiGateway::ApiKey: the same."""

    __module__ = "moto.apigateway.models"

    def __init__(self, key: str):
        self.key = key

    @property
    def physical_resource_id(self) -> str:
        return self.key

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGateway::ApiKey"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "ApiKey":
        values = cloudformation_json["Properties"]
        payload = {"name": values["Name"], "enabled": True}
        return cls(api_gateway.apigateway_backends[account_id][region_name].create_api_key(payload).id)

    def delete(self, account_id: str, region_name: str) -> None:
        api_gateway.apigateway_backends[account_id][region_name].delete_api_key(self.key)


# AWS::ApiGateway::Deployment: a Ref of it is the whole object at moto.
api_gateway.Deployment.physical_resource_id = property(lambda self: self.id)


class Stage(CloudFormationModel):
    """AWS::ApiGateway::Stage: the same; what it serves is kept, and none of its settings."""

    __module__ = "moto.apigateway.models"

    def __init__(self, api: str, name: str):
        self.api, self.name = api, name

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGateway::Stage"

    @staticmethod
    def cloudformation_name_type() -> str:
        return "StageName"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> "Stage":
        values = cloudformation_json["Properties"]
        backend = api_gateway.apigateway_backends[account_id][region_name]
        backend.create_stage(values["RestApiId"], values["StageName"], values["DeploymentId"])
        return cls(values["RestApiId"], values["StageName"])

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: "Stage", new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> "Stage":
        values = cloudformation_json["Properties"]
        backend = api_gateway.apigateway_backends[account_id][region_name]
        backend.get_stage(values["RestApiId"], values["StageName"]).deployment_id = values["DeploymentId"]
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        api_gateway.apigateway_backends[account_id][region_name].delete_stage(self.api, self.name)


def update_deployment(self: Any) -> str:
    """UpdateDeployment: moto has no such call."""
    _, _, api, _, deployment = self.path.rstrip("/").split("/")
    found = self.backend.get_deployment(api, deployment)
    for operation in self._get_param("patchOperations"):
        assert (operation["op"], operation["path"]) == ("replace", "/description"), operation
        found.description = operation["value"]
    return json.dumps(found.to_json())


APIGatewayResponse.update_deployment = update_deployment


class Kept(CloudFormationModel):
    """A type that moto's CloudFormation does not know: its name is kept, and nothing is made of it."""

    __module__ = "moto.cloudformation.models"

    def __init__(self, name: str):
        self.name = name

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @staticmethod
    def cloudformation_type() -> str:
        return "Isthmus::Kept"

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def create_from_cloudformation_json(cls, resource_name: str, *args: Any, **kwargs: Any) -> "Kept":
        return cls(resource_name)

    def delete(self, account_id: str, region_name: str) -> None:
        pass


class_by_moto = parsing.resource_class_from_type
parsing.resource_class_from_type = lambda name: class_by_moto(name) or Kept


def references(value: Any) -> set[str]:
    """What a resource waits for: by Ref, Fn::GetAtt, Fn::Sub and DependsOn."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values())) if value else set()
    if "Ref" in value:
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        found.add(value["Fn::GetAtt"][0])
    if "Fn::Sub" in value:
        sub = value["Fn::Sub"]
        found.update(re.findall(r"\$\{(\w+)", sub if isinstance(sub, str) else sub[0]))
    if "DependsOn" in value:
        depends = value["DependsOn"]
        found.update([depends] if isinstance(depends, str) else depends)
    return found


def in_order(resources: dict[str, Any]) -> list[str]:
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name in ordered or name not in resources:
            return
        for other in sorted(references(resources[name])):
            if other != name:
                visit(other)
        ordered.append(name)

    for name in resources:
        visit(name)
    return ordered


def update(self: Any, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
    """UpdateStack: moto removes, then adds, then modifies, so a version would be of the code before. CloudFormation makes and changes in
    the order of what refers to what, and removes last, but for what is to be retained."""
    before = self._resource_json_map
    changes = self.build_resource_diff(template, parameters)
    self._template = template
    if parameters:
        self.input_parameters = parameters
    self.load_mapping()
    self.load_parameters()
    self.load_conditions()
    self._resource_json_map = template["Resources"]
    for name in in_order(template["Resources"]):
        if name in changes["Add"]:
            self[name]
        elif name in changes["Modify"]:
            changed = parsing.parse_and_update_resource(
                name, template["Resources"][name], self, account_id=self._account_id, region_name=self._region_name
            )
            if changed is not None:
                self._parsed_resources[name] = changed
    remove(self, {name: before[name] for name in changes["Remove"]})


def remove(self: Any, resources: dict[str, Any]) -> None:
    """Whatever refers to another goes before it; what is to be retained stays."""
    for name in reversed(in_order(resources)):
        resource = self._parsed_resources.pop(name, None)
        if isinstance(resource, CloudFormationModel) and resources[name].get("DeletionPolicy") != "Retain":
            self._delete_resource(resource, resources[name])


def delete_stack(self: Any, name_or_id: str) -> None:
    for stack in [each for each in self.stacks.values() if name_or_id in (each.name, each.stack_id)]:
        for export in stack.exports:
            self.exports.setdefault(export.name, export)
        delete_stack_by_moto(self, stack.stack_id)


delete_stack_by_moto = cloudformation.CloudFormationBackend.delete_stack
parsing.ResourceMap.update = update
# DeleteStack: moto takes back exports that an update brought and it had not written down.
cloudformation.CloudFormationBackend.delete_stack = delete_stack
# It also goes in no order, and again where one was refused.
parsing.ResourceMap.delete = lambda self: remove(self, self._resource_json_map)

main()
