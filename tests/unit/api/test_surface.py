"""What the operations of the API share: who is meant, bodies, other sites' scripts, links to the next page, logs."""

import pytest
import structlog

from riverline.accounts.tokens import ADMIN
from riverline.settings import Settings
from tests.support.site import empty
from tests.unit.api.conftest import NOW

POSTS, USERS = "/api/v1/posts", "/api/v1/users"


@pytest.fixture
def site():
    return empty(lambda: NOW)


def client(site):
    return site.app().test_client()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_token_says_whom_it_stands_for(site):
    user, token = site.join("mina")
    found = client(site).get("/api/v1/me", headers=bearer(token)).json
    assert (found["user"]["id"], found["user"]["email"], found["scopes"]) == (user, "mina@example.org", [])
    admin = client(site).get("/api/v1/me", headers=bearer(site.token(None, ADMIN))).json
    assert admin == {"user": None, "scopes": ["admin"]}
    assert client(site).get("/api/v1/me").status_code == 401


def test_the_user_of_the_token_is_meant_where_none_is_named(site):
    user, token = site.join("mina")
    asking = client(site)
    posted = asking.post(POSTS, json={"contents": "hello"}, headers=bearer(token))
    assert (posted.status_code, posted.json["user_id"]) == (201, user)
    site.deliver()
    assert [one["contents"] for one in asking.get(POSTS, headers=bearer(token)).json["items"]] == ["hello"]
    assert asking.get(POSTS, query_string={"user_id": user + 1}, headers=bearer(token)).status_code == 403
    nobody = asking.get(POSTS, headers=bearer(site.token(None, ADMIN)))
    assert nobody.status_code == 422 and "user_id" in nobody.json["detail"]


def test_users_are_listed_the_newest_first_and_found_by_the_beginning_of_a_word(site):
    for name in ("Mina Kim", "Jun", "Mino", "Kim Mina"):
        site.join(name)
    asking = client(site)
    first = asking.get(USERS, query_string={"limit": 3})
    assert [one["name"] for one in first.json["items"]] == ["Kim Mina", "Mino", "Jun"]
    assert "email" not in first.json["items"][0]
    rest = asking.get(USERS, query_string={"limit": 3, "cursor": first.json["next_cursor"]})
    assert [one["name"] for one in rest.json["items"]] == ["Mina Kim"] and rest.json["next_cursor"] is None
    found = asking.get(USERS, query_string={"q": "min"}).json["items"]
    assert [one["name"] for one in found] == ["Kim Mina", "Mino", "Mina Kim"]
    assert asking.get(USERS, query_string={"q": "ina"}).json["items"] == []


def test_the_next_page_is_named_in_a_header(site):
    for n in range(5):
        site.join(f"u{n}")
    asking, found, address = client(site), [], f"{USERS}?limit=2&q=u"
    while address:
        answer = asking.get(address)
        found += [one["name"] for one in answer.json["items"]]
        link = answer.headers.get("Link", "")
        assert not link or link.endswith('; rel="next"')
        address = link.partition(">")[0].removeprefix("<")
    assert found == ["u4", "u3", "u2", "u1", "u0"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b'{"contents": ', "application/json", 400, "not JSON"),
        (b"\xff", "application/json", 400, "not JSON"),
        (b'{"contents": "x"}', "text/plain", 415, "application/json"),
        (b"contents=x", "application/x-www-form-urlencoded", 415, "application/json"),
        (b'{"contents": 7}', "application/json", 422, "contents must be a text"),
        (b'{"contents": "x", "tags": "y"}', "application/json", 422, "tags must be a list"),
        (b"{}", "application/json", 422, "contents is needed"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_its_status_and_in_a_sentence(site, body, kind, status, words):
    _, token = site.join("mina")
    answer = client(site).post(POSTS, data=body, content_type=kind, headers=bearer(token))
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert words in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", "limit must be at least 1"),
        ("limit=x", "limit must be a whole number"),
        ("limit=1000", "limit must be at most 100"),
        ("sort=oldest", "sort must be one of 'relevance', 'newest' or 'clicks'"),
        ("locale=korean!", "locale does not have the form that is described"),
        ("colour=red", "colour: there is no such parameter"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_in_a_sentence_of_ours(site, query, words):
    answer = client(site).get(f"/api/v1/search?{query}")
    assert answer.status_code == 422 and words in answer.json["detail"]


OURS = "https://app.example"


def test_scripts_of_a_site_that_a_setting_names_may_use_the_api():
    asking = client(empty(lambda: NOW, origins=[OURS]))
    asked = {"Origin": OURS, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = asking.options(POSTS, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == OURS
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    answer = asking.get("/api/v1/search", headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Origin"] == OURS and "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = asking.get(POSTS, headers={"Origin": OURS})  # what went wrong can be read too
    assert refused.status_code == 401 and refused.headers["Access-Control-Allow-Origin"] == OURS


@pytest.mark.parametrize("origins", [[], ["https://other.example"]])
def test_scripts_of_other_sites_may_not(origins):
    asking = client(empty(lambda: NOW, origins=origins))
    asked = {"Origin": OURS, "Access-Control-Request-Method": "GET"}
    for answer in (asking.get("/api/v1/search", headers=asked), asking.options("/api/v1/search", headers=asked)):
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Origin" not in asking.get("/", headers={"Origin": OURS}).headers


def test_origins_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("RIVERLINE_API__ORIGINS", "https://a.example,http://b.example:8080")
    assert Settings.load().api.origins == ("https://a.example", "http://b.example:8080")


def test_what_is_logged_on_the_way_carries_the_id_of_the_request(site, monkeypatch):
    seen = []

    def noting(*_):
        seen.append(structlog.contextvars.get_contextvars().get("request_id"))
        return 0

    monkeypatch.setattr(site.index, "search", lambda *_, **__: noting() or 1 / 0)
    answer = client(site).get("/api/v1/search?q=x")
    assert answer.status_code == 500
    assert seen == [answer.headers["X-Request-Id"]]
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_the_description_opens_the_lock_of_what_everybody_may_do(site):
    paths = client(site).get("/openapi.json").json["paths"]
    assert paths["/api/v1/search"]["get"]["security"] == []
    assert paths["/api/v1/posts"]["post"]["security"] == [{"token": []}]


def test_the_documentation_stands_in_the_head_of_the_site(site):
    html = client(site).get("/docs", headers={"Accept-Language": "ko"}).get_data(as_text=True)
    assert 'aria-current="page">API</a>' in html and '<div id="ui">' in html and 'lang="ko"' in html
