"""`make package` in a fresh copy: what is deployed to AWS, and that nothing broken is."""

import json
import os
import platform
import re
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import msgspec
import pytest

from chalicelib.adapters.sqs_queues import DEAD_LETTERS, RECEIVES, TURNS
from chalicelib.settings import SECRETS, Settings, from_environment
from infra import package as infra
from tests.clone import BARE, clone_to, make
from tests.dynamodb import Table

pytestmark = pytest.mark.timeout(600)  # it installs what it packages

NO_AWS = {name: value for name, value in BARE.items() if not name.startswith("AWS_")}
NO_AWS |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}  # nobody answers there
FUNCTIONS = {  # handler: seconds, megabytes
    "app.app": (29, 1024),
    "app.connect": (10, 512),
    "app.message": (10, 1024),
    "app.disconnect": (10, 512),
    "app.reply": (40, 1024),
    "app.dead_letter": (20, 512),
    "app.sweep": (55, 512),
    "app.rollup": (300, 512),
    "app.rollup_daily": (600, 512),
    "app.weekly_report": (300, 512),
    "app.work": (300, 1024),
}
SAMPLES = {  # what CloudFormation would put in for what is not a parameter with a default
    "TokenKeys": "k" * 32,
    "Files": "chat-dev-files-1a2b3c",
    "Conversations": "chat-dev-Conversations-1A2B3C",
    "Turns": "https://sqs.sa-east-1.amazonaws.com/123456789012/chat-dev-turns.fifo",
    "WebsocketAPI": "a1b2c3d4e5",
    "RestAPI": "f6g7h8i9j0",
    "AWS::Region": "sa-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}


class Package(NamedTuple):
    folder: Path
    said: str
    template: dict[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        return self.template["Resources"]  # type: ignore[no-any-return]

    def of_type(self, kind: str) -> dict[str, Any]:
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == f"AWS::{kind}"}

    @property
    def functions(self) -> dict[str, Any]:
        return {properties["Handler"]: properties for properties in self.of_type("Serverless::Function").values()}

    def environment(self, handler: str) -> dict[str, str]:
        """A function's variables as CloudFormation would fill them in."""
        shared = self.template["Globals"]["Function"]["Environment"]["Variables"]
        own = self.functions[handler].get("Environment", {}).get("Variables", {})
        return {name: self.filled_in(value) for name, value in {**shared, **own}.items()}

    def filled_in(self, value: Any) -> str:
        defaults = {name: str(p["Default"]) for name, p in self.template["Parameters"].items() if "Default" in p}
        samples = {**defaults, **SAMPLES}
        if isinstance(value, dict) and "Fn::Sub" in value:
            return re.sub(r"\$\{(.+?)\}", lambda found: samples[found[1]], value["Fn::Sub"])
        return samples[value["Ref"]] if isinstance(value, dict) else str(value)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = clone_to(tmp_path_factory.mktemp("clone") / "project", site=True)
    made = make(folder, "lint-template", env={**NO_AWS, "STAGE": "prod"})  # packages, and then lints
    assert made.returncode == 0, made.stdout + made.stderr
    template = json.loads((folder / "build" / "package" / "template.json").read_text("utf-8"))
    return Package(folder, made.stdout, template)


def test_it_says_what_it_made_and_how_big_it_is(package: Package) -> None:
    zipped, unpacked = re.findall(r"([\d.]+) MB", package.said)
    assert 5 < float(zipped) < float(unpacked) < 250
    assert "build/package/template.json" in package.said and "app.py imports" in package.said


def test_the_zip_has_the_bytecode_of_the_runtime_it_is_for(package: Package) -> None:
    (runtime,) = {function["Runtime"] for function in package.functions.values()}
    tag = runtime.replace("python3.", "cpython-3")
    with zipfile.ZipFile(package.folder / "build" / "package" / "deployment.zip") as packed:
        names = set(packed.namelist())
    ours = {name for name in names if re.fullmatch(r"(app|chalicelib/.*|chalice/.*)\.py", name)}
    for name in ours:
        folder, _, module = name.removesuffix(".py").rpartition("/")
        assert f"{folder}/__pycache__/{module}.{tag}.pyc".lstrip("/") in names
    assert {name for name in names if name.endswith(".pyc") and tag not in name} == set()
    assert len(ours) == len({name.lower() for name in ours}) > 50


def test_the_template_lints_clean(package: Package) -> None:
    assert "bin/cfn-lint build/package/template.json" in package.said  # and make ended with 0


def refused(package: Package, folder: Path, requirements: str) -> str:
    """What `make package` says, having failed, in a copy with other requirements."""
    copy = clone_to(folder / "project", site=True)
    (copy / "build").mkdir()
    for made in (package.folder / "build").glob("python*"):
        (copy / "build" / made.name).symlink_to(made)
    (copy / "requirements.txt").write_text(requirements)
    if "big" in requirements:
        (copy / "vendor").mkdir()
        with (copy / "vendor" / "big").open("wb") as big:
            big.truncate(infra.MOST_UNPACKED)
    ended = make(copy, "package", env=NO_AWS)
    assert ended.returncode != 0 and not (copy / "build" / "package" / "template.json").exists()
    return ended.stderr


def test_a_package_without_something_that_is_imported_is_refused(package: Package, tmp_path: Path) -> None:
    told = refused(package, tmp_path, "six==1.17.0\n")
    assert "The package cannot be imported" in told and "No module named" in told


def test_a_wheel_that_lambda_cannot_use_is_refused_though_chalice_goes_on(package: Package, tmp_path: Path) -> None:
    """Made for this machine's C library, which is newer than Lambda's; nothing of ours imports it."""
    tag = "py3-none-manylinux_{}_{}_x86_64".format(*platform.libc_ver()[1].split("."))
    wheel = tmp_path / f"native-1.0-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("native.py", "")
        packed.writestr("native-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: native\nVersion: 1.0\n")
        packed.writestr("native-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        packed.writestr("native-1.0.dist-info/RECORD", "")
    told = refused(package, tmp_path, f"{wheel}\n")
    assert "Could not install dependencies" in told and "native==1.0" in told


def test_a_package_that_lambda_would_not_take_is_refused(package: Package, tmp_path: Path) -> None:
    assert "and Lambda takes 250.0 MB" in refused(package, tmp_path, "# big\n")


def test_the_socket_has_its_four_routes_and_its_deployment_waits_for_all(package: Package) -> None:
    routes = package.of_type("ApiGatewayV2::Route")
    assert {route["RouteKey"] for route in routes.values()} == {"$connect", "$disconnect", "$default", "sendMessage"}
    (deployment,) = package.of_type("ApiGatewayV2::Deployment")
    assert sorted(package.resources[deployment]["DependsOn"]) == sorted(routes)
    (stage,) = package.of_type("ApiGatewayV2::Stage").values()
    assert stage["DeploymentId"] == {"Ref": deployment}


def test_another_route_makes_another_deployment(package: Package) -> None:
    """A deployment of the same name would stay as it is, and the stage would not know the route."""

    def deployed(**more: Any) -> str:
        resources = json.loads(json.dumps(package.resources))
        (made,) = package.of_type("ApiGatewayV2::Deployment")
        resources["WebsocketAPIDeployment"] = resources.pop(made)
        infra.redeploy_socket(resources | more)
        return str(resources["WebsocketAPIStage"]["Properties"]["DeploymentId"]["Ref"])

    (unchanged,) = package.of_type("ApiGatewayV2::Deployment")
    assert deployed() == unchanged
    assert deployed(PingRoute={"Type": "AWS::ApiGatewayV2::Route"}) != unchanged


def test_every_function_has_its_time_and_memory(package: Package) -> None:
    assert {name: (f["Timeout"], f["MemorySize"]) for name, f in package.functions.items()} == FUNCTIONS


def test_every_function_has_a_role_of_its_own(package: Package) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in package.functions.values()]
    assert len(set(roles)) == len(roles) and set(roles) == set(package.of_type("IAM::Role"))


def test_every_variable_is_a_setting_and_has_a_value_that_is_taken(package: Package) -> None:
    for handler in package.functions:
        variables = package.environment(handler)
        assert {name.lower() for name in variables} <= set(Settings.__struct_fields__)
        settings = from_environment(variables)
        assert settings.deployed and settings.store == "dynamodb"
        assert settings.queue_url.endswith("-turns.fifo") and settings.token_keys


def test_connections_are_reached_and_opened_at_the_stage_that_there_is(package: Package) -> None:
    (stage,) = package.of_type("ApiGatewayV2::Stage").values()
    variables = package.environment("app.reply")
    address = f"a1b2c3d4e5.execute-api.sa-east-1.amazonaws.com/{stage['StageName']}"
    assert variables["CONNECTIONS_URL"] == f"https://{address}" and variables["SOCKET_URL"] == f"wss://{address}"
    assert package.filled_in(package.template["Outputs"]["SocketURL"]["Value"]) == f"wss://{address}"


def test_the_stacks_own_page_may_open_the_chat(package: Package) -> None:
    settings = from_environment(package.environment("app.connect"))
    assert settings.allowed_origins == ("https://f6g7h8i9j0.execute-api.sa-east-1.amazonaws.com",)


def test_parameters_default_to_what_the_settings_do_and_secrets_have_no_echo(package: Package) -> None:
    parameters, defaults = package.template["Parameters"], Settings()
    variables = package.template["Globals"]["Function"]["Environment"]["Variables"]
    for name, value in variables.items():
        parameter = parameters.get(value.get("Ref") if isinstance(value, dict) else None)
        if parameter and name not in ("STAGE", "TOKEN_KEYS"):
            assert parameter["Default"] == (getattr(defaults, name.lower()) or ""), name
        assert (name.lower() in SECRETS) == bool(parameter and parameter.get("NoEcho")), name
    (concurrency,) = (f for f in msgspec.structs.fields(Settings) if f.name == "worker_concurrency")
    (bounds,) = concurrency.type.__metadata__
    declared = parameters["WorkerConcurrency"]
    assert (declared["MinValue"], declared["MaxValue"]) == (bounds.ge, bounds.le)


def test_the_queues_have_their_numbers(package: Package) -> None:
    queues = package.of_type("SQS::Queue")
    assert set(queues) == {"Turns", "DeadTurns"}
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadTurns", "Arn"]}, "maxReceiveCount": RECEIVES}
    assert queues["Turns"].pop("RedrivePolicy") == redrive
    for name, made_elsewhere in (("Turns", TURNS), ("DeadTurns", DEAD_LETTERS)):
        declared = {key: str(value).lower() if value is True else str(value) for key, value in queues[name].items()}
        assert declared == {**made_elsewhere, "FifoQueue": "true", "QueueName": declared["QueueName"]}
    for handler in ("app.reply", "app.dead_letter"):  # AWS refuses a function that may take longer than its messages
        assert package.functions[handler]["Timeout"] < 45


@pytest.mark.parametrize(("handler", "queue"), [("app.reply", "Turns"), ("app.dead_letter", "DeadTurns")])
def test_a_function_takes_one_message_at_a_time_from_this_stacks_own_queue(
    package: Package, handler: str, queue: str
) -> None:
    (source,) = (event["Properties"] for event in package.functions[handler]["Events"].values())
    assert source["Queue"] == {"Fn::Sub": f"${{{queue}.Arn}}"} and source["BatchSize"] == 1
    expected = {"MaximumConcurrency": {"Ref": "WorkerConcurrency"}} if queue == "Turns" else None
    assert source.get("ScalingConfig") == expected


def test_the_table_is_the_one_that_the_store_makes(package: Package, table: Table) -> None:
    (made,) = package.of_type("DynamoDB::Table").values()
    client = boto3.client("dynamodb", "us-east-1", endpoint_url=table.direct.dynamodb_endpoint_url)
    same = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(TableName=f"template-{os.getpid()}", **{name: made[name] for name in same})
    client.update_time_to_live(
        TableName=f"template-{os.getpid()}", TimeToLiveSpecification=made["TimeToLiveSpecification"]
    )
    assert described(client, f"template-{os.getpid()}") == described(client, table.direct.dynamodb_table)
    assert made["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] and made["SSESpecification"]
    assert package.resources["Conversations"]["DeletionPolicy"] == "Retain"


def described(client: Any, table: str) -> dict[str, Any]:
    found = client.describe_table(TableName=table)["Table"]
    indexes = found["GlobalSecondaryIndexes"]
    return {
        "billing": found["BillingModeSummary"]["BillingMode"],
        "keys": found["KeySchema"],
        "attributes": sorted(found["AttributeDefinitions"], key=lambda one: str(one["AttributeName"])),
        "indexes": {i["IndexName"]: (i["KeySchema"], i["Projection"]) for i in indexes},
        "expiry": client.describe_time_to_live(TableName=table)["TimeToLiveDescription"],
    }


def test_the_page_on_deploying_has_every_parameter_and_output(package: Package) -> None:
    page = (package.folder / "docs" / "deploying.md").read_text("utf-8")
    outputs = {name for name in package.template["Outputs"] if name.endswith(("URL", "Name")) and "Handler" not in name}
    for name in {*package.template["Parameters"], *outputs} - {"WebsocketConnectEndpointURL"}:
        assert f"`{name}`" in page, name


def test_two_stacks_of_one_account_share_no_name(package: Package) -> None:
    names = [
        properties[key]
        for resource in package.resources.values()
        for properties in [resource.get("Properties", {})]
        for key in ("QueueName", "TableName", "LogGroupName", "FunctionName", "RoleName", "Name")
        if key in properties
    ]
    assert names and all("Ref" in name or "${AWS::StackName}" in name["Fn::Sub"] for name in names)
