"""The events that AWS hands to functions, as plain dicts: pure functions, nothing read and nothing kept.

Shapes: API Gateway WebSocket proxy events (as captured from AWS), SQS and EventBridge events (as documented).
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

Event = dict[str, Any]
Headers = Iterable[tuple[str, str]]

API_ID = "local"
REGION = "local"
ACCOUNT = "000000000000"

# ASGI lower-cases header names; functions on AWS see what the browser sent. Title case is right for all but these.
_SPELLINGS = {"dnt": "DNT", "te": "TE", "sec-gpc": "Sec-GPC"}
_OWN_HEADERS = {"connection", "upgrade", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}

_REASONS = {
    1000: "Connection Closed Normally",
    1001: "Going away",
    1005: "Client-side close frame status not set",
    1006: "Connection closed abnormally",
}


@dataclass(frozen=True)
class Api:
    """What the gateway is called. `domain` is host:port as browsers reach it."""

    stage: str
    domain: str

    @property
    def port(self) -> str:
        return self.domain.rpartition(":")[2]


@dataclass(frozen=True)
class Caller:
    """Who is at the other end of a connection; nothing of it changes. `connected_at` is in milliseconds."""

    connection_id: str
    connected_at: int
    source_ip: str
    user_agent: str | None


@dataclass(frozen=True)
class Moment:
    """One request to the gateway. `at` is in milliseconds."""

    request_id: str
    at: int


def connect(api: Api, caller: Caller, moment: Moment, headers: Headers, query: str) -> Event:
    event = {
        **_headers([*_shown(headers), *_added(api, caller, moment)]),
        "requestContext": _context(api, caller, moment, "$connect", "CONNECT"),
        "isBase64Encoded": False,
    }
    if parameters := parse_qs(query, keep_blank_values=True):
        event["queryStringParameters"] = {name: values[-1] for name, values in parameters.items()}
        event["multiValueQueryStringParameters"] = parameters
    return event


def message(api: Api, caller: Caller, moment: Moment, route_key: str, message_id: str, body: str) -> Event:
    context = _context(api, caller, moment, route_key, "MESSAGE")
    return {"requestContext": {**context, "messageId": message_id}, "body": body, "isBase64Encoded": False}


def disconnect(api: Api, caller: Caller, moment: Moment, code: int, reason: str) -> Event:
    context = _context(api, caller, moment, "$disconnect", "DISCONNECT")
    closing = {"disconnectStatusCode": code, "disconnectReason": reason or _REASONS.get(code, "")}
    headers = [("Host", api.domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
    return {**_headers(headers), "requestContext": {**context, **closing}, "isBase64Encoded": False}


def _context(api: Api, caller: Caller, moment: Moment, route_key: str, event_type: str) -> Event:
    agent = {"userAgent": caller.user_agent} if caller.user_agent is not None else {}
    return {
        "routeKey": route_key,
        "eventType": event_type,
        "extendedRequestId": moment.request_id,
        "requestTime": _clf(moment.at),
        "messageDirection": "IN",
        "stage": api.stage,
        "connectedAt": caller.connected_at,
        "requestTimeEpoch": moment.at,
        "identity": {"sourceIp": caller.source_ip, **agent},
        "requestId": moment.request_id,
        "domainName": api.domain,
        "connectionId": caller.connection_id,
        "apiId": API_ID,
    }


def _clf(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _shown(headers: Headers) -> Headers:
    return [(spelling(name), value) for name, value in headers if name.lower() not in _OWN_HEADERS]


def _added(api: Api, caller: Caller, moment: Moment) -> Headers:
    # The peer replaces whatever the browser claims to be forwarded for: nothing in front of us is trusted.
    trace = hashlib.md5(moment.request_id.encode(), usedforsecurity=False).hexdigest()[:24]
    return [
        ("X-Amzn-Trace-Id", f"Root=1-{moment.at // 1000:08x}-{trace}"),
        ("X-Forwarded-For", caller.source_ip),
        ("X-Forwarded-Port", api.port),
        ("X-Forwarded-Proto", "http"),
    ]


def spelling(name: str) -> str:
    """The conventional case of a header's name."""
    return _SPELLINGS.get(name.lower()) or name.title().replace("Websocket", "WebSocket")


def _headers(headers: Headers) -> Event:
    several: dict[str, list[str]] = {}
    for name, value in headers:
        several.setdefault(name, []).append(value)
    return {"headers": {name: values[-1] for name, values in several.items()}, "multiValueHeaders": several}


@dataclass(frozen=True)
class QueueMessage:
    """One receipt of a queued message. `sent_at` is in milliseconds."""

    id: int
    queue: str
    group: str
    dedup: str
    body: str
    receive_count: int
    sent_at: int

    @property
    def message_id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.id}/{self.sent_at}"))


def queued(message: QueueMessage) -> Event:
    """An SQS event with one record, as `batch_size=1` gives it."""
    attributes = {
        "ApproximateReceiveCount": str(message.receive_count),
        "ApproximateFirstReceiveTimestamp": str(message.sent_at),
        "SentTimestamp": str(message.sent_at),
        "SenderId": ACCOUNT,
        "SequenceNumber": f"{message.id:020d}",
        "MessageGroupId": message.group,
        "MessageDeduplicationId": message.dedup,
    }
    record = {
        "messageId": message.message_id,
        "receiptHandle": f"{message.message_id}#{message.receive_count}",
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{message.queue}",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def received(arn: str, message: Event) -> Event:
    """An SQS event with one record, from a message as SQS's own API gives it (`AttributeNames=["All"]`)."""
    several = {name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()}
    digest = {"md5OfMessageAttributes": message["MD5OfMessageAttributes"]} if several else {}
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": several,
        "md5OfBody": message["MD5OfBody"],
        **digest,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }
    return {"Records": [record]}


def _message_attribute(value: Event) -> Event:
    given: Event = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        given["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        given["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return given


def scheduled(name: str, event_id: str, at: datetime) -> Event:
    """An EventBridge event for a rule that fell due."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }
