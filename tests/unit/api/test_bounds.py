"""What a request may cost: bodies, problems, and what is looked up for it, are bounded."""

from __future__ import annotations

from typing import Any

import pytest

from riverline_api.app import create_app
from riverline_api.http.requests import BODIES, MOST_BYTES, most_bytes
from riverline_api.http.signing import Signer
from tests.unit.api.conftest import Desk, document
from tests.unit.api.test_access import Town

ESCAPED = 12  # bytes of a character at worst: `\ud83d\ude00`
OF_ADMINISTRATORS = "/api/v1/crawl/targets"  # whose lists may be longer than any body


def test_a_problem_lists_twenty_errors_and_says_how_many_more_there_are(desk: Desk) -> None:
    answer = desk.get("/api/v1/search?" + "&".join(f"unknown{number}=1" for number in range(300)))
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 20
    assert answer.json["detail"].endswith("and 280 more")


@pytest.mark.parametrize("asked", ["{name}=1", "{name}=1&{name}=2", "{name}=%B1%E8", "{name}=%00"])
def test_a_long_name_is_not_sent_back_whole(desk: Desk, asked: str) -> None:
    answer = desk.get("/api/v1/search?" + asked.format(name="n" * 20_000))
    assert answer.status_code == 422
    assert len(answer.data) < 1_000
    assert answer.json["errors"][0]["parameter"].startswith("n" * 50)


def test_many_faults_of_one_kind_are_listed_as_few(desk: Desk) -> None:
    answer = desk.get("/api/v1/search?" + "&".join(f"a{number}=%B1" for number in range(500)))
    assert (answer.status_code, len(answer.json["errors"])) == (422, 20)


def test_a_body_of_nonsense_gets_a_short_problem(desk: Desk) -> None:
    targets = {"name": "a", "start_urls": ["x" * 3000] * 300}
    answer = desk.client.post("/api/v1/crawl/targets", json=targets)
    assert answer.status_code == 422
    assert len(answer.data) < 20_000


@pytest.mark.parametrize(
    ("method", "path", "fits", "too_large"),
    [
        ("POST", "/api/v1/users", 4_000, 4_200),
        ("POST", "/api/v1/search/clicks", 50_000, 60_000),
        ("POST", "/api/v1/posts", 140_000, 150_000),
    ],
)
def test_a_body_larger_than_its_operation_needs_is_refused(method: str, path: str, fits: int, too_large: int) -> None:
    town = Town()
    _, token = town.join("mina")
    statuses = [
        town.ask(method, path, token, data=b" " * size, headers={"Content-Type": "application/json"}).status_code
        for size in (fits, too_large)
    ]
    assert statuses == [400, 413]  # blanks are no JSON


def test_the_largest_body_that_an_operation_describes_fits(desk: Desk) -> None:
    described = desk.get("/openapi.json").json
    rules = {(method, rule.rule) for rule in desk.app.url_map.iter_rules() for method in rule.methods & BODIES}
    asked = 0
    for method, rule in rules:
        path = rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        operation = described["paths"].get(path, {}).get(method.lower(), {})
        if "requestBody" in operation and not path.startswith(OF_ADMINISTRATORS):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert most_bytes(method, rule) >= largest(schema, described), (method, rule)
            asked += 1
    assert asked >= 6


def largest(schema: dict[str, Any], described: dict[str, Any]) -> int:
    """Bytes of a schema's largest value as JSON."""
    if "$ref" in schema:
        return largest(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described)
    if "anyOf" in schema:
        return max(largest(one, described) for one in schema["anyOf"])
    if schema["type"] == "object":
        return sum(len(name) + 6 + largest(one, described) for name, one in schema["properties"].items())
    if schema["type"] == "array":
        return int(schema["maxItems"]) * (2 + largest(schema["items"], described))
    if schema["type"] == "string":
        plain = schema.get("pattern", "").startswith(("^[0-9a-f]", "^https"))
        return 2 + int(schema.get("maxLength", 40)) * (1 if plain else address_or_text(schema))
    return 24


def address_or_text(schema: dict[str, Any]) -> int:
    """An address is ASCII, of which a character is six bytes at worst."""
    return 6 if schema.get("maxLength") == 8191 else ESCAPED


def test_no_operation_takes_more_than_the_server_does() -> None:
    assert most_bytes("POST", "/api/v1/crawl/targets") == MOST_BYTES
    assert most_bytes("POST", "/api/v1/what-comes-next") < MOST_BYTES / 10


def test_a_click_with_an_id_of_no_search_is_answered_at_once() -> None:
    desk = Desk()
    desk.app.extensions["riverline-shown"]._sleep = lambda _: pytest.fail("it waits")
    for name in ("0" * 32, "5f0c" + "0" * 28):
        answer = desk.client.post(
            "/api/v1/search/clicks", json={"request_id": name, "url": "https://a.example/", "position": 1}
        )
        assert answer.status_code == 404


def test_an_id_of_another_site_is_none_of_this_one() -> None:
    here, there = Signer("one"), Signer("another")
    assert here.made(here.request_id()) and Signer("one").made(here.request_id())
    assert not here.made(there.request_id())


def test_a_cursor_that_nobody_gave_out_is_refused() -> None:
    desk = Desk()
    desk.put(*(document(f"/{number}") for number in range(3)))
    given = desk.get("/api/v1/search?q=river&limit=1").json["next_cursor"]
    assert desk.get(f"/api/v1/search?q=river&limit=1&cursor={given}").status_code == 200
    for wrong in (given[:-24], "A" + given[1:], given[:-1] + ("0" if given[-1] != "0" else "1"), "x"):
        assert desk.get(f"/api/v1/search?q=river&limit=1&cursor={wrong}").status_code == 422


def test_processes_that_share_a_secret_take_each_others_cursors() -> None:
    assert Signer("one").opened(Signer("one").signed("abc")) == "abc"


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/search/suggest", "/api/v1/crawl/fates", "/"])
def test_a_nul_in_a_query_is_a_problem_that_names_the_parameter(desk: Desk, path: str) -> None:
    answer = desk.get(f"{path}?q=a%00b")
    assert (answer.status_code, answer.json["errors"]) == (
        422,
        [{"parameter": "q", "detail": "it contains a NUL character"}],
    )


def test_a_nul_in_an_address_is_a_problem(desk: Desk) -> None:
    assert desk.get("/api/v1/crawl/targets/a%00b").status_code == 400


@pytest.mark.parametrize("path", ["//api/v1//search?q=a", "//evil.example/..//api/v1/search", "/api//v1/search"])
def test_no_redirect_leads_to_the_host_that_a_request_names(desk: Desk, path: str) -> None:
    answer = desk.client.get("/", base_url="http://evil.example", environ_overrides=named(path))
    location = answer.headers.get("Location", "/")
    assert location.startswith("/") and not location.startswith("//")


def named(path: str) -> dict[str, str]:
    where, _, query = path.partition("?")
    return {"PATH_INFO": where, "QUERY_STRING": query, "HTTP_HOST": "evil.example"}


def test_a_redirect_keeps_its_path_and_query(desk: Desk) -> None:
    answer = desk.client.get("/", environ_overrides=named("/api/v1//search?q=a%20b"))
    assert (answer.status_code, answer.headers["Location"]) == (308, "/api/v1/search?q=a%20b")


@pytest.mark.parametrize("path", ["/api/v1/posts", "/api/v1/crawl/targets", "/api/v1/users/1", "/feed"])
def test_options_is_answered_with_the_methods_of_the_address(path: str) -> None:
    answer = Town().client.options(path)
    assert answer.status_code == 200
    assert "OPTIONS" in answer.headers["Allow"] and "GET" in answer.headers["Allow"]


def test_the_names_of_parameters_cannot_make_two_queries_one() -> None:
    from riverline.search.query import Query

    assert Query(text="a", locale="").key != Query(text="a\0").key
    keys = {Query(site="a\0b", tag="").key, Query(site="a", tag="b\0").key, Query(site="a\0", tag="b").key}
    assert len(keys) == 3


def test_an_application_without_a_secret_makes_one_up() -> None:
    one, other = (create_app(Desk().services, checks={}) for _ in range(2))
    signed = one.extensions["riverline-signing"].signed("a")
    with pytest.raises(Exception, match="damaged"):
        other.extensions["riverline-signing"].opened(signed)
