"""What is asked most often is answered past the framework, as the framework would answer it."""

import pytest
import structlog
from flask import request_started
from prometheus_client import REGISTRY

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_api.app import create_app
from tests.support.site import filled

FRAMEWORK = {"Host": "my_site"}  # no host that has such a name is plain: the framework answers
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
OWN = {"request_id", "took_ms", "instance", "cached"}  # of each answer
OWN_HEADERS = {"X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset", "Content-Length"}


class Both:
    """The guarded application, asked in both ways."""

    def __init__(self, **api):
        self.site = filled()
        self.reader, self.token = self.site.join("reader")
        self.author, _ = self.site.join("author")
        self.site.follow(self.reader, self.author)
        for number in range(5):
            self.site.post(self.author, f"한강 {number}")
        self.sent = []
        limits = {"token_per_minute": 1000, "address_per_minute": 1000, **api}
        object.__setattr__(self.site.services, "settings", Settings(api=limits))
        self.app = create_app(self.site.services, lambda *task: self.sent.append(task), {}, guarded=True)
        self.client = self.app.test_client()
        self.framework = 0
        request_started.connect(self._seen, self.app)

    def _seen(self, *_, **__):
        self.framework += 1

    def ask(self, path, token=None, method="GET", **headers):
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.open(path, method=method, headers={**BROWSER, **shown, **headers})

    def remembered(self):
        """The token, after somebody showed it."""
        self.ask("/api/v1/me", self.token)
        self.framework = 0
        return self.token


@pytest.fixture
def both():
    return Both()


def said(answer):
    body = {name: value for name, value in answer.json.items() if name not in OWN} if answer.data else None
    headers = sorted((name, value) for name, value in answer.headers if name not in OWN_HEADERS)
    return answer.status_code, body, headers


PLAIN = (
    "/api/v1/search?q=river",
    "/api/v1/search?q=%ED%95%9C%EA%B0%95&limit=3",
    "/api/v1/search?q=%ED%95%9C%EA%B0%95&limit=3&locale=ko-KR,en",
    "/api/v1/search",
    "/api/v1/posts",
    "/api/v1/posts?limit=2",
)
OTHER = (
    "/api/v1/search?q=river&limit=1000",
    "/api/v1/search?q=river&q=sea",
    "/api/v1/search?q=%FF",
    "/api/v1/search?q=a%00b",
    "/api/v1/search?q=river&unknown=1",
    "/api/v1/search?q=river&cursor=nonsense",
    "/api/v1/search?q=river&explain=true",
    "/api/v1/posts?user_id=999999",
    "/api/v1/posts?cursor=nonsense",
    "/api/v1/users",
)


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_request_is_answered_past_the_framework_as_the_framework_answers_it(both, path):
    token = both.remembered()
    ours = both.ask(path, token)
    assert both.framework == 0
    assert ours.status_code == 200
    assert said(ours) == said(both.ask(path, token, **FRAMEWORK))
    assert both.framework == 1


@pytest.mark.parametrize("path", OTHER)
def test_what_is_refused_is_answered_by_the_framework(both, path):
    token = both.remembered()
    ours = both.ask(path, token)
    assert both.framework == 1
    assert said(ours) == said(both.ask(path, token, **FRAMEWORK))


@pytest.mark.parametrize("path", [*PLAIN, *OTHER])
@pytest.mark.parametrize("token", [None, "rvl_nonsense"])
def test_nobody_and_a_wrong_token_are_answered_alike_both_ways(both, path, token):
    assert said(both.ask(path, token)) == said(both.ask(path, token, **FRAMEWORK))


@pytest.mark.parametrize("header", ["Bearer ", "Basic cmVhZGVyOng="])
def test_what_shows_no_token_is_nobody_s_request_both_ways(both, header):
    ours = both.ask("/api/v1/search?q=river", Authorization=header)
    assert both.framework == 0
    assert said(ours) == said(both.ask("/api/v1/search?q=river", Authorization=header, **FRAMEWORK))
    assert both.ask("/api/v1/posts", Authorization=header).status_code == 401


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "DELETE"])
def test_other_methods_go_the_frameworks_way(both, method):
    both.ask("/api/v1/search?q=river", method=method)
    assert both.framework == 1


def test_a_search_past_the_framework_is_filed_and_remembered_for_clicks(both):
    token = both.remembered()
    found = both.ask("/api/v1/search?q=river", token).json
    both.ask("/api/v1/search?q=river", token, **FRAMEWORK)
    ours, theirs = both.sent
    assert ours[:3] == theirs[:3] == ("tasks.record_search", "river", "")
    assert ours[-4:] == theirs[-4:]  # what was meant, by whom, whether it was corrected or filtered
    assert ours[-4]
    assert ours[-3]
    click = {"request_id": found["request_id"], "url": found["items"][0]["url"], "position": 1}
    assert both.client.post("/api/v1/search/clicks", json=click, headers=BROWSER).status_code == 202


def test_each_request_counts_once_whichever_way_it_goes(both):
    token = both.remembered()
    paths = ("/api/v1/posts", "/api/v1/posts?user_id=999999", "/api/v1/posts?limit=0", "/api/v1/posts")
    left = [int(both.ask(path, token).headers["RateLimit-Remaining"]) for path in paths]
    assert left == [left[0] - number for number in range(len(left))]


def test_one_request_too_many_is_refused():
    both = Both(token_per_minute=3)
    token = both.remembered()
    answers = [both.ask("/api/v1/posts", token).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]


def test_an_operation_that_fails_is_not_asked_again(both, monkeypatch):
    token, asked = both.remembered(), []

    def away(*_):
        asked.append(structlog.contextvars.get_contextvars()["request_id"])
        raise Transient("MySQL does not answer")

    monkeypatch.setattr(type(both.site.feed.reader), "read", away)
    answer = both.ask("/api/v1/posts", token)
    assert answer.status_code == 503
    assert asked == [answer.headers["X-Request-Id"]]
    assert answer.json["instance"] == f"urn:uuid:{asked[0]}"
    assert len(answer.headers.getlist("RateLimit-Remaining")) == 1
    assert len(answer.headers.getlist("Cache-Control")) == 1


def test_requests_are_counted_by_route_and_status_both_ways(both):
    token = both.remembered()
    labels = {"route": "/api/v1/posts", "method": "GET", "status": "200"}

    def counted():
        return (
            REGISTRY.get_sample_value("riverline_api_requests_total", labels) or 0,
            REGISTRY.get_sample_value("riverline_api_request_seconds_count", {"route": "/api/v1/posts"}) or 0,
        )

    before = counted()
    both.ask("/api/v1/posts", token)
    both.ask("/api/v1/posts", token, **FRAMEWORK)
    assert counted() == (before[0] + 2, before[1] + 2)


def test_scripts_of_other_sites_are_answered_as_the_framework_does():
    both = Both(origins=("https://app.example",))
    token = both.remembered()
    assert said(both.ask("/api/v1/posts", token)) == said(both.ask("/api/v1/posts", token, **FRAMEWORK))
    answer = both.ask("/api/v1/posts", token, Origin="https://app.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_a_later_page_is_reached_by_its_link(both):
    token = both.remembered()
    first = both.ask("/api/v1/posts?limit=2", token)
    path = first.headers["Link"].partition(">")[0].removeprefix("<")
    second = both.ask(path, token)
    assert both.framework == 0
    assert {one["id"] for one in second.json["items"]}.isdisjoint(one["id"] for one in first.json["items"])
    assert said(second) == said(both.ask(path, token, **FRAMEWORK))
