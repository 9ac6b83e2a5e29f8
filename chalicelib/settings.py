"""The settings of the product, and the only reader of the environment.

`from_environment` takes the mapping to read, so that nothing is read at import and tests pass their own.
docs/settings.md lists every field; a test compares the two.
"""

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chalicelib.contradictions import contradictions
from chalicelib.errors import SettingsError


def _whole(low: int, high: int, about: str) -> Any:
    return Meta(ge=low, le=high, description=about)


_DAY, _TIME = "(mon|tue|wed|thu|fri|sat|sun)", "([01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN = f"{_DAY}(-{_DAY})? {_TIME}-{_TIME}"
_OFFICE = f"^(always|{_SPAN}(, ?{_SPAN})*)$"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default; the environment's name is the field's in capitals."""

    stage: Annotated[
        Literal["local", "dev", "prod", "test"],
        Meta(description="where this runs; `local` and `test` are not deployed"),
    ] = "local"
    store: Annotated[
        Literal["sqlite", "memory", "dynamodb"],
        Meta(description="`sqlite`: a file in `DATA_DIR`; `dynamodb`: a table; `memory`: nothing outlives the process"),
    ] = "sqlite"
    data_dir: Annotated[
        str, Meta(min_length=1, description="folder of the embedded store, the keys made at first start, and the logs")
    ] = ".data"
    dynamodb_endpoint_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?$", description="any service that speaks DynamoDB; empty: AWS")
    ] = ""
    dynamodb_table: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_.-]{3,255}$", description="name of the table, 3 to 255 of `A–Z a–z 0–9 _ . -`")
    ] = "chat-ia-assistente"
    dynamodb_read_seconds: Annotated[float, Meta(gt=0, le=60, description="longest wait for DynamoDB to answer")] = 2.0
    queue_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+\.fifo)?$", description="SQS FIFO queue of turns; empty on one machine")
    ] = ""
    connections_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?$", description="API Gateway's `@connections`: `https://…/{stage}`")
    ] = ""
    aws_region: Annotated[
        str, Meta(pattern=r"^[a-z]+(-[a-z]+)+-[0-9]+$", description="AWS region of the table, such as `sa-east-1`")
    ] = "us-east-1"
    blobs_bucket: Annotated[
        str,
        Meta(
            pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$",
            description="S3 bucket of the knowledge's snapshot; empty: the folder `blobs` in `DATA_DIR`",
        ),
    ] = ""
    blobs_endpoint_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?$", description="any service that speaks S3; empty: AWS")
    ] = ""
    redis_url: Annotated[
        str,
        Meta(
            pattern=r"^(rediss?://([^\s/@]*@)?([^\s/@:?#\[\]]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?(/[0-9]*)?)?$",
            description="Redis or Valkey for what processes share: `redis://host:6379/0`, `rediss://user:key@host:6379`",
        ),
    ] = ""
    redis_cluster: Annotated[bool, Meta(description="it is a cluster, as ElastiCache Serverless always is")] = False
    use_redis: Annotated[bool, Meta(description="without `REDIS_URL`: use Redis by the next three settings")] = False
    redis_host: Annotated[str, Meta(pattern=r"^[^\s/@?#]+$", description="with `USE_REDIS`: its host")] = "localhost"
    redis_port: Annotated[int, _whole(1, 65535, "with `USE_REDIS`: its port")] = 6379
    redis_db: Annotated[int, _whole(0, 1000, "with `USE_REDIS`: its database; a cluster has only 0")] = 0

    assistant_name: Annotated[
        str, Meta(min_length=1, max_length=40, description="the name the assistant gives itself")
    ] = "Sophie"
    locale: Annotated[
        Literal["pt-BR", "en"],
        Meta(description="language of the product's own texts when the browser asks for none of ours"),
    ] = "pt-BR"
    time_zone: Annotated[str, Meta(description="whose days are counted, such as `Europe/Lisbon`")] = "America/Sao_Paulo"
    site_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://\S+[^/])?$",
            description="address of the marketplace, for links such as `/services/`; empty: the page's own host",
        ),
    ] = ""
    socket_url: Annotated[
        str,
        Meta(
            pattern=r"^(wss?://\S+)?$",
            description="address of the WebSocket API for the chat page; empty: `/ws` on the page's own host",
        ),
    ] = ""
    contact_email: Annotated[str, Meta(description="human support: e-mail")] = "suporte@example.com"
    contact_phone: Annotated[str, Meta(description="human support: telephone")] = "0800 000 0000"
    contact_whatsapp: Annotated[str, Meta(description="human support: WhatsApp number")] = "+55 11 90000-0000"
    contact_hours: Annotated[str, Meta(description="human support: opening hours")] = "seg–sex 8h–20h, sáb 9h–14h"
    office_hours: Annotated[str, Meta(pattern=_OFFICE, description="when operators are there, or `always`")] = (
        "mon-fri 08:00-20:00, sat 09:00-14:00"
    )

    openai_api_key: Annotated[
        str, Meta(description="key of the model service; empty: answers from the knowledge alone")
    ] = ""
    openai_base_url: Annotated[
        str, Meta(pattern=r"^(https?://\S+)?$", description="any OpenAI-compatible service; empty: OpenAI")
    ] = ""
    openai_model: Annotated[str, Meta(min_length=1, description="chat model")] = "gpt-4.1-mini"
    openai_price_input: Annotated[float, Meta(ge=0, description="US dollars for a million prompt tokens")] = 0.4
    openai_price_output: Annotated[float, Meta(ge=0, description="US dollars for a million answer tokens")] = 1.6
    max_reply_tokens: Annotated[int, _whole(50, 4000, "the model's longest answer, in tokens")] = 600
    first_token_seconds: Annotated[float, Meta(gt=0, le=60, description="wait for the model's first words")] = 10.0
    between_tokens_seconds: Annotated[float, Meta(gt=0, le=60, description="silence inside the model's answer")] = 8.0
    response_timeout_seconds: Annotated[
        float, Meta(ge=1, le=40, description="from the moment a worker takes a turn to its reply or fallback")
    ] = 30.0
    fallback_responses: Annotated[
        bool, Meta(description="answer from the knowledge when the model fails; off: apologise and give the contact")
    ] = True
    answer_threshold: Annotated[
        float, Meta(ge=0, le=1, description="least confidence at which the knowledge counts as having the answer")
    ] = 0.3

    max_history_messages: Annotated[
        int, _whole(1, 50, "messages given to the model and replayed to a returning browser")
    ] = 50
    session_timeout_hours: Annotated[
        float, Meta(gt=0, le=720, description="how long after its last message a conversation can be resumed")
    ] = 24.0
    rate_limit_messages_per_minute: Annotated[
        int, _whole(1, 6000, "messages a minute for a person, signed in or visiting")
    ] = 10
    rate_limit_burst: Annotated[int, _whole(0, 1000, "messages above the minute's number that may come at once")] = 3
    rate_limit_per_ip: Annotated[int, _whole(1, 60000, "messages a minute from one address")] = 100
    rate_limit_actions_per_minute: Annotated[
        int, _whole(1, 60000, "actions of a person beside messages: feedback, links followed, pages, history")
    ] = 120
    max_waiting_turns: Annotated[
        int, _whole(0, 100, "questions of one conversation that may wait behind the one being answered")
    ] = 2
    max_concurrent_sessions: Annotated[int, _whole(1, 1000000, "conversations with an open socket")] = 100
    max_connections_per_user: Annotated[int, _whole(1, 1000, "open sockets of one person")] = 5
    max_connections_per_ip: Annotated[int, _whole(1, 100000, "open sockets from one address")] = 50
    worker_concurrency: Annotated[int, _whole(2, 1000, "replies written at once")] = 50
    max_message_length: Annotated[int, _whole(1, 2000, "characters of a person's message")] = 2000
    delta_interval_ms: Annotated[
        int, _whole(0, 5000, "pause between two posts of a streamed reply; doubles in a long one")
    ] = 250
    typing_pause_ms: Annotated[int, _whole(0, 1000, "pause between words of an answer written without a model")] = 12
    cache_ttl_seconds: Annotated[int, _whole(0, 86400, "life of an answer that people share; 0: none is shared")] = 3600
    enable_analytics: Annotated[bool, Meta(description="count what happens, and write metrics of it")] = True

    allowed_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(https?://[^/\s*]+|\*\.[^/\s*]+)/?$")], ...],
        Meta(description="pages that may open the chat: `https://www.example.com`, `*.example.com`; commas between"),
    ] = ()
    api_origins: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^https?://[^/\s*,]+$")], ...],
        Meta(description="sites whose pages may use the REST API: `https://console.example.com`; commas between"),
    ] = ()
    token_keys: Annotated[
        tuple[Annotated[str, Meta(min_length=32)], ...],
        Meta(
            description="keys of resume tokens, 32 characters or more, newest first; empty on one machine: one is made"
        ),
    ] = ()
    identity_keys: Annotated[
        tuple[Annotated[str, Meta(min_length=32)], ...],
        Meta(description="keys (HS256) of the site's identity tokens, newest first; empty: the demo site's or none"),
    ] = ()
    admin_keys: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(admin|operator|viewer):[0-9a-f]{64}$")], ...],
        Meta(description="`role:sha256-of-the-key`, with commas between; empty on one machine: made and kept"),
    ] = ()
    oidc_issuer: Annotated[
        str,
        Meta(
            pattern=r"^(https?://\S+)?$",
            description="OpenID Connect issuer whose access tokens administrators may bring; empty: keys only",
        ),
    ] = ""
    oidc_audience: Annotated[str, Meta(description="with `OIDC_ISSUER`: whom its tokens must be meant for")] = ""
    oidc_roles_claim: Annotated[
        str,
        Meta(
            min_length=1,
            description="claim with `admin`, `operator` or `viewer`, one or a list; dots lead into objects",
        ),
    ] = "roles"

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="least severity that is logged")
    ] = "INFO"
    log_file: Annotated[str, Meta(description="file for the log's JSON lines; empty: standard error")] = ""
    die_at_step: Annotated[
        str,
        Meta(
            pattern=r"^([a-z._]+(:[0-9]+)?)?$",
            description="tests only (`STAGE=test`): kill the process at this step of a turn, `step[:occurrence]`",
        ),
    ] = ""

    @property
    def deployed(self) -> bool:
        return self.stage in ("dev", "prod")

    @property
    def cache_url(self) -> str:
        """Where Redis is, by whichever settings; empty when it is not used."""
        if self.redis_url or not self.use_redis:
            return self.redis_url
        host = f"[{self.redis_host}]" if ":" in self.redis_host else self.redis_host
        return f"redis://{host}:{self.redis_port}/{self.redis_db}"

    def __repr__(self) -> str:
        """Secrets do not print."""
        shown = {f: getattr(self, f) for f in self.__struct_fields__ if f not in SECRETS}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


SECRETS = frozenset({"openai_api_key", "redis_url", "token_keys", "identity_keys", "admin_keys"})
_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read every setting from `environment`; an empty value counts as absent.

    Raises SettingsError naming each wrong setting and what it takes; values of secrets are not repeated.
    """
    values, faults = {}, []
    for name, field in _FIELDS.items():
        text = environment.get(name.upper(), "").strip()
        if not text:
            continue
        try:
            values[name] = msgspec.convert(_split(text, field), field.type, strict=False)
        except msgspec.ValidationError:
            shown = "the value" if name in SECRETS else repr(text)
            faults.append(f"{name.upper()}: {shown} is not valid; it takes {takes(name)}.")
    settings = Settings(**values)
    faults += contradictions(settings)
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def takes(name: str) -> str:
    """What a setting takes, in words: `a whole number from 1 to 50`."""
    kind = msgspec.inspect.type_info(_FIELDS[name].type)
    kind = kind.type if isinstance(kind, msgspec.inspect.Metadata) else kind
    if isinstance(kind, msgspec.inspect.LiteralType):
        return "one of " + ", ".join(str(value) for value in kind.values)
    if isinstance(kind, msgspec.inspect.IntType):
        return f"a whole number from {kind.ge} to {kind.le}"
    if isinstance(kind, msgspec.inspect.FloatType):
        return _number_range(kind)
    if isinstance(kind, msgspec.inspect.BoolType):
        return "true or false"
    return about(name)


def about(name: str) -> str:
    """One line of documentation for a setting."""
    meta = next(part for part in _FIELDS[name].type.__metadata__ if isinstance(part, Meta))
    return str(meta.description)


def _number_range(kind: msgspec.inspect.FloatType) -> str:
    low = f"at least {kind.ge:g}" if kind.ge is not None else f"above {kind.gt:g}"
    return f"a number {low}" + (f" and at most {kind.le:g}" if kind.le is not None else "")


def _split(text: str, field: msgspec.structs.FieldInfo) -> object:
    """Lists are written with commas; spaces around them do not count."""
    if isinstance(field.default, tuple):
        return [part for part in re.split(r"\s*,\s*", text) if part]
    return text


def read() -> Settings:
    """The settings of this process's environment, as it is now."""
    return from_environment(os.environ)
