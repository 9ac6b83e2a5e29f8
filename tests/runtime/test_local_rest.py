"""REST requests: Chalice's own local gateway, with what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from local_runtime import CEILING, Running, Start


@pytest.fixture(scope="module")
def client(shared: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared.url, timeout=CEILING) as client:
        yield client


def test_a_request_and_its_answer(client: httpx.Client) -> None:
    answer = client.put("/request/ana?a=1&a=2", content="olá", headers={"Content-Type": "text/plain", "X-Odd": "1"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    seen = answer.json()
    assert (seen["name"], seen["method"], seen["body"]) == ("ana", "PUT", "olá")
    assert seen["event_body"] == "olá"
    assert seen["headers"]["x-odd"] == "1"
    assert seen["context"]["stage"] == "dev"


def test_no_body_is_none(client: httpx.Client) -> None:
    assert client.get("/request/ana").json()["event_body"] is None


def test_source_ip_is_the_peer_whatever_is_claimed(client: httpx.Client) -> None:
    seen = client.get("/request/ana", headers={"X-Forwarded-For": "8.8.8.8", "User-Agent": "Fox/3"}).json()
    assert seen["context"]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "Fox/3"}
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_requests_side_by_side_do_not_see_each_other(client: httpx.Client) -> None:
    names = [f"name{number}" for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda name: client.get(f"/request/{name}?q={name}").json(), names)
        for name, seen in zip(names, answers, strict=True):
            assert (seen["name"], seen["query"], seen["context"]["path"]) == (name, {"q": name}, f"/request/{name}")


def test_binary_bodies_both_ways(client: httpx.Client) -> None:
    given = bytes(range(256))
    answer = client.post("/image", content=given, headers={"Content-Type": "image/png", "Accept": "image/png"})
    assert (answer.content, answer.headers["content-type"]) == (given[::-1], "image/png")


def test_headers_with_several_values_and_the_status(client: httpx.Client) -> None:
    answer = client.get("/cookies")
    assert answer.status_code == 203
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.text == "two"


def test_head_is_a_get_without_its_body(client: httpx.Client) -> None:
    answer = client.head("/cookies")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (203, b"", "3")


def test_an_unknown_path_is_answered_as_api_gateway_does(client: httpx.Client) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 403
    assert answer.json() == {"message": "Missing Authentication Token"}


def test_an_unknown_method_is_chalices_405(client: httpx.Client) -> None:
    assert client.delete("/cookies").status_code == 405


def test_what_a_function_raises_stays_inside(client: httpx.Client) -> None:
    answer = client.get("/fails")
    assert answer.status_code == 500
    assert "hidden detail" not in answer.text


@pytest.mark.parametrize("as_stream", [False, True])
def test_a_body_over_10_mb_is_413(client: httpx.Client, as_stream: bool) -> None:
    mega = b"x" * 1024 * 1024
    content = (mega for _ in range(11)) if as_stream else mega * 11
    answer = client.put("/request/ana", content=content, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 413


def test_a_body_of_10_mb_passes(client: httpx.Client) -> None:
    body = b"x" * 10 * 1024 * 1024
    assert client.put("/request/ana", content=body, headers={"Content-Type": "text/plain"}).status_code == 200


def test_over_its_time_a_function_is_a_504(start: Start) -> None:
    running = start("--function-seconds", "0.2")
    answer = httpx.get(f"{running.url}/slow/never", timeout=CEILING)
    assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})
    running.open("never")
    running.wait_for("passed")
