"""An address may be sent as it was typed, through nginx and to gunicorn itself; what is not UTF-8 is told so."""

from __future__ import annotations

import subprocess

import pytest

from riverline.settings import Settings
from tests.support.raw_http import ask, get
from tests.support.stack import until

KIMCHI = "김치찌개"


@pytest.fixture(params=["nginx", "gunicorn"])
def door(stack: Settings, request: pytest.FixtureRequest) -> str:
    """Once searches are answered: the first ones after the start may find the index still busy."""
    assert until(lambda: get(stack.api.site, b"/api/v1/search?q=x").status == 200, 120)
    return stack.api.site if request.param == "nginx" else stack.api.bind


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/search/suggest", "/"])
def test_curl_sends_a_query_as_it_was_typed_and_gets_an_answer(door: str, path: str) -> None:
    command = ["curl", "--silent", "--noproxy", "*", "--write-out", "\n%{http_code}", f"http://{door}{path}?q={KIMCHI}"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert said.endswith("\n200"), said


def test_a_query_means_the_same_raw_and_encoded(door: str) -> None:
    raw = get(door, f"/api/v1/search?q={KIMCHI}".encode())
    encoded = get(door, b"/api/v1/search?q=%EA%B9%80%EC%B9%98%EC%B0%8C%EA%B0%9C")
    assert (raw.status, raw.json()["items"]) == (200, encoded.json()["items"])


def test_a_path_as_it_was_typed_is_not_found_by_the_api_itself(door: str) -> None:
    answer = get(door, f"/api/v1/{KIMCHI}".encode())
    assert (answer.status, answer.kind) == (404, "application/problem+json")


@pytest.mark.parametrize(("before", "status"), [(b"/api/v1/search?q=", 422), (b"/api/v1/", 400)])
def test_bytes_that_are_not_utf_8_are_answered_with_a_problem(door: str, before: bytes, status: int) -> None:
    answer = get(door, before + KIMCHI.encode("cp949"))
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    assert "UTF-8" in str(answer.json()["detail"])


def test_what_is_not_http_is_answered_with_a_problem(door: str) -> None:
    for request in (b"\xff\xfe\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"):
        answer = ask(door, request)
        assert (answer.status, answer.kind) == (400, "application/problem+json")
