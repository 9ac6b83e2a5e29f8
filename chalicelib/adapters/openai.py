"""Chat completions, streamed, from OpenAI or any compatible service.

Only a worker imports this: the SDK takes some 0.4 s. Retries are ours (chat/replies.py), because the SDK's
know no deadline; its timeouts are per read, so a silence ends the stream and the caller bounds the whole.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import openai

from chalicelib.chat.ports import ModelFailed, Piece, Prompt
from chalicelib.settings import Settings

CONNECT_SECONDS = 5.0
_RETRYABLE = (408, 409, 429)


class OpenAIStream:
    def __init__(self, response: Any) -> None:
        self._response = response
        self._pieces = _pieces(response)

    def __iter__(self) -> "OpenAIStream":
        return self

    def __next__(self) -> Piece:
        try:
            return next(self._pieces)
        except openai.APIError as error:
            raise _failed(error) from error
        except json.JSONDecodeError as error:
            raise ModelFailed("malformed", retryable=True) from error
        except (OSError, RuntimeError, ValueError) as error:  # the transport's own, and reading what `close` closed
            raise ModelFailed("disconnected", retryable=True) from error

    def close(self) -> None:
        """End the stream even while another thread waits in it: only a socket's shutdown wakes that one."""
        network = self._response.response.extensions.get("network_stream")
        connected = network.get_extra_info("socket") if network else None
        if connected is not None:
            _shut(connected)


class OpenAIModel:
    """The Model port over the SDK's warm client."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.openai_model
        self._most_tokens = settings.max_reply_tokens
        self._refused: set[str] = set()
        self._client = openai.OpenAI(
            api_key=settings.openai_api_key or "none",
            base_url=settings.openai_base_url or None,
            max_retries=0,
        )

    def stream(self, prompt: Prompt, timeout: float) -> OpenAIStream:
        """Ask for a streamed answer; options a service does not know are left out from then on."""
        while True:
            try:
                return OpenAIStream(self._create(prompt, timeout))
            except openai.BadRequestError as error:
                if not self._refuses(error):
                    raise _failed(error) from error
            except openai.APIError as error:
                raise _failed(error) from error

    def _create(self, prompt: Prompt, timeout: float) -> Any:
        options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        options["max_completion_tokens"] = self._most_tokens
        if "max_completion_tokens" in self._refused:
            options["max_tokens"] = self._most_tokens
        messages: Any = [{"role": "system", "content": prompt.system}]
        messages += [{"role": role, "content": content} for role, content in prompt.turns]
        return self._client.chat.completions.create(
            model=self.name,
            messages=messages,
            stream=True,
            timeout=openai.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout)),
            **{name: value for name, value in options.items() if name not in self._refused},
        )

    def _refuses(self, error: openai.BadRequestError) -> bool:
        """Whether a 400 names one of our newer options; it is not sent again."""
        named = {name for name in ("max_completion_tokens", "stream_options") if name in str(error)} - self._refused
        self._refused |= named
        return bool(named)


def _pieces(response: Any) -> Iterator[Piece]:
    """Text as it comes; the finish once the stream is at its end, because the usage comes after it."""
    finish, usage = "", None
    for chunk in response:
        usage = chunk.usage or usage
        for choice in chunk.choices[:1]:
            finish = choice.finish_reason or finish
            if choice.delta and choice.delta.content:
                yield Piece(text=choice.delta.content)
    if finish:
        prompt_tokens, reply_tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        yield Piece(finish=finish, prompt_tokens=prompt_tokens, reply_tokens=reply_tokens)


def _failed(error: openai.APIError) -> ModelFailed:
    if isinstance(error, openai.APITimeoutError):
        return ModelFailed("timeout", retryable=False)
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        retryable = status in _RETRYABLE or status >= 500
        return ModelFailed(f"http_{status}", retryable=retryable, retry_after=_retry_after(error))
    return ModelFailed("disconnected", retryable=True)


def _retry_after(error: openai.APIStatusError) -> float:
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "0")))
    except ValueError:  # an HTTP date: rare, and the caller's own pause does
        return 0.0


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        connected.shutdown(socket.SHUT_RDWR)
