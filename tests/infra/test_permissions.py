"""Each function's role in infra/roles.yaml against what the function does, seen on the wire."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from chalice.app import SQSEvent, WebsocketEvent
from chalice.package import YAMLTemplateSerializer
from msgspec.structs import replace

from chalicelib.chat import notices
from chalicelib.chat.people import Audience, NoticeText
from chalicelib.entrypoints import jobs, websocket
from chalicelib.knowledge import jobs as kept
from chalicelib.knowledge.model import Terms
from chalicelib.services import Services
from infra.package import INFRA
from tests.chat.room import MESSAGE_ID, Outbox, Queue
from tests.dynamodb import Table

RESOURCES = YAMLTemplateSerializer().load_template((INFRA / "roles.yaml").read_text("utf-8"))["Resources"]
FUNCTIONS = [name for name, resource in RESOURCES.items() if resource.get("Type") != "AWS::IAM::Role"]
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
STORE = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}
TAKE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}  # Lambda does, as the function
SNAPSHOT = {"s3:GetObject", "s3:PutObject"}
KNOWLEDGE = STORE | SNAPSHOT | {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "s3:DeleteObject"}
MAY = {
    "APIHandler": KNOWLEDGE | {"execute-api:ManageConnections"},
    "WebsocketConnect": set[str](),
    "WebsocketMessage": STORE | SNAPSHOT | {"dynamodb:DeleteItem", "execute-api:ManageConnections", "sqs:SendMessage"},
    "WebsocketDisconnect": STORE | {"dynamodb:DeleteItem"},
    "Reply": STORE | SNAPSHOT | TAKE | {"execute-api:ManageConnections", "sqs:ChangeMessageVisibility"},
    "DeadLetter": STORE | SNAPSHOT | TAKE | {"execute-api:ManageConnections"},
    "Sweep": STORE | {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "sqs:SendMessage"},
    "Rollup": STORE | {"dynamodb:DeleteItem"},
    "RollupDaily": STORE | {"dynamodb:DeleteItem"},
    "WeeklyReport": STORE | SNAPSHOT | {"dynamodb:DeleteItem", "s3:DeleteObject"},
    "Work": KNOWLEDGE | {"execute-api:ManageConnections"},
}


def statements(function: str) -> Iterator[dict[str, Any]]:
    role, attribute = RESOURCES[function]["Properties"]["Role"]["Fn::GetAtt"]
    assert (role, attribute) == (f"{function}Role", "Arn")
    for policy in RESOURCES[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def granted(function: str) -> set[str]:
    return {action for statement in statements(function) for action in listed(statement["Action"])}


class Deployed:
    """The functions on a table behind a wire; what they ask of AWS is remembered, by its action's name."""

    def __init__(self, table: Table) -> None:
        self.outbox, self.queue, self.wire = Outbox(), Queue(), table.wire
        settings = replace(table.settings, stage="prod", token_keys=("k" * 32,))
        self.services = Services(settings, self.outbox, self.queue)
        self.wire.counted()

    def send(self, action: str, **fields: Any) -> None:
        body = json.dumps({"action": action, **fields})
        websocket.message(WebsocketEvent(self._event() | {"body": body}, None), self.services)

    def leave(self) -> None:
        websocket.disconnect(WebsocketEvent(self._event(), None), self.services)

    def turn(self) -> SQSEvent:
        attributes = {"ApproximateReceiveCount": "1"}
        record = {"body": self.queue.bodies.pop(), "attributes": attributes, "receiptHandle": "r", "messageId": "m"}
        return SQSEvent({"Records": [record]}, None)

    def used(self) -> set[str]:
        """Since the last call."""
        # A transaction needs what its parts need, and ours only put.
        used = {f"dynamodb:{name}".replace("TransactWriteItems", "PutItem") for name in self.wire.counted()}
        if self.outbox.posted:
            used.add("execute-api:ManageConnections")
        if self.queue.bodies:
            used.add("sqs:SendMessage")
        self.outbox.posted.clear()
        return used

    def newest(self, kind: str) -> dict[str, Any]:
        return next(frame for frame in reversed(self.outbox.posted["tab="]) if frame["type"] == kind)

    def _event(self) -> dict[str, Any]:
        identity = {"sourceIp": "10.0.0.1"}
        return {"requestContext": {"connectionId": "tab=", "identity": identity, "domainName": "", "stage": "api"}}


@pytest.fixture
def bucket(table: Table) -> Iterator[str]:
    s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=table.wire.upstream)
    s3.create_bucket(Bucket="files-of-functions")
    yield "files-of-functions"
    s3.close()


@pytest.fixture
def deployed(table: Table) -> Deployed:
    return Deployed(table)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_may_do_what_is_written_here_and_no_more(function: str) -> None:
    assert granted(function) == MAY[function] | LOGS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_what_has_no_name_beforehand_is_granted_by_a_wildcard(function: str) -> None:
    for statement in statements(function):
        for resource in listed(statement["Resource"]):
            wild = {"execute-api:ManageConnections": "${WebsocketAPI}/api/POST/@connections/*"}
            wild |= {"s3:DeleteObject": "${Files.Arn}/*"}
            ends = [end for action, end in wild.items() if action in listed(statement["Action"])]
            assert ("*" in json.dumps(resource)) == bool(ends), resource
            assert all(resource["Fn::Sub"].endswith(end) for end in ends)


def test_messages_of_every_kind_need_what_their_role_grants(deployed: Deployed) -> None:
    deployed.send("startSession")
    token = deployed.newest("session")["resumeToken"]
    deployed.send("sendMessage", clientMessageId=MESSAGE_ID.format(1), content="quanto custa uma faxina?")
    message_id = deployed.newest("accepted")["messageId"]
    deployed.send("cancelReply", messageId=message_id)
    deployed.send("giveFeedback", messageId=message_id, helpful=True)
    deployed.send("loadHistory", before=message_id)
    deployed.send("updateContext", context={"url": "https://www.example.com/"})
    deployed.send("typing", isTyping=True)
    deployed.send("trackAction", kind="link", target="/services/")
    deployed.send("rateSession", rating=5)
    deployed.send("startSession", resumeToken=token)
    deployed.send("endSession")
    assert deployed.used() == MAY["WebsocketMessage"] - SNAPSHOT


def test_a_socket_that_closes_needs_what_its_role_grants(deployed: Deployed) -> None:
    deployed.send("startSession")
    deployed.used()
    deployed.leave()
    assert deployed.used() == MAY["WebsocketDisconnect"]


@pytest.mark.parametrize(("function", "role"), [(jobs.reply, "Reply"), (jobs.dead_letter, "DeadLetter")])
def test_answering_needs_what_its_role_grants(deployed: Deployed, function: Any, role: str) -> None:
    """GetItem is for a write whose answer was lost: then the item is read."""
    deployed.send("startSession")
    deployed.send("sendMessage", clientMessageId=MESSAGE_ID.format(1), content="quanto custa uma faxina?")
    turn = deployed.turn()
    deployed.used()
    deployed.wire.lost["PutItem"] = 1
    function(turn, deployed.services)
    assert deployed.used() == MAY[role] - TAKE - SNAPSHOT - {"sqs:ChangeMessageVisibility"}


def test_the_sweep_needs_what_its_role_grants(deployed: Deployed) -> None:
    """DeleteItem is for entries as they were before a large change, an hour after it."""
    jobs.sweep(deployed.services)
    assert deployed.used() == MAY["Sweep"] - {"sqs:SendMessage", "dynamodb:DeleteItem"}


@pytest.mark.parametrize("function", [jobs.rollup, jobs.rollup_daily, jobs.weekly_report])
def test_counting_needs_what_its_role_grants(deployed: Deployed, function: Any) -> None:
    """DeleteItem is for what an hour does not add any more."""
    deployed.send("startSession")
    deployed.used()
    deployed.services.counting.rollups.save_rolled_until(deployed.services.ports.clock.now() // 3_600_000 - 1)
    function(deployed.services)
    assert deployed.used() == STORE


def test_importing_needs_what_its_role_grants(deployed: Deployed, bucket: str) -> None:
    """PutItem, Query and DeleteItem: jobs, their marks, generations."""
    settings = replace(deployed.services.settings, blobs_bucket=bucket)
    services = Services(replace(settings, blobs_endpoint_url=deployed.wire.upstream), deployed.outbox, deployed.queue)
    entry = {"category": "faq", "title": "T", "content": "C"}
    rows = "\n".join(json.dumps(entry | {"id": f"e{n}"}) for n in range(30)).encode()
    kept.begin_import(services.office, rows, 30, Terms(), "ana")
    jobs.work(services)
    assert len(services.library.store.entries()) == 30
    assert deployed.used() == MAY["Work"] - SNAPSHOT - {"s3:DeleteObject", "execute-api:ManageConnections"}


@pytest.mark.parametrize("role", ["APIHandler", "Work"])
def test_telling_people_needs_what_the_roles_grant(deployed: Deployed, role: str) -> None:
    deployed.send("startSession")
    deployed.used()
    assert notices.send(deployed.services.ports, Audience(), NoticeText("T", "B"), "ana").delivered == 1
    assert deployed.used() <= MAY[role]
    opened = {"Fn::Sub": "${Conversations.Arn}/index/by-user"}
    assert any(statement["Resource"] == opened for statement in statements(role))
