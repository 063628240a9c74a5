"""Who may call what: every operation of the API as nobody, as another user, as an administrator."""

import re

import pytest

from riverline.accounts.contracts import LoginLink
from riverline.accounts.tokens import ADMIN, READ, digest_of, new_link, new_session, new_token
from riverline.errors import Transient
from riverline.feed.feed import Feed
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_audit_log import MemoryAuditLog, MemoryTakeDowns
from riverline.testing.memory_clicks import MemoryClicks
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_incidents import MemoryIncidents
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_login_links import MemoryLoginLinks
from riverline.testing.memory_sessions import MemorySessions
from riverline.testing.memory_targets import MemoryTargets
from riverline.testing.memory_timelines import MemoryTimelines
from riverline.testing.memory_tokens import MemoryTokens
from riverline_api.app import create_app
from riverline_api.http.access import LEVELS, Level, level_of

NOW = 1_760_000_000_000


OF_ANY_TOKEN = "/api/v1/me"  # it says whom the token stands for
OWN = f"{OF_ANY_TOKEN}/"  # they never name a user: what they read and change is of the token's
OPENS_NOTHING = "that-nobody-was-sent"


class Town:
    """The guarded application with two users and an administrator."""

    def __init__(self, key_value=None, tokens=None, **limits):
        repository, targets = MemoryFeedRepository(now_ms=lambda: NOW), MemoryTargets()
        self.feed = Feed(repository, MemoryTimelines(), sleep=lambda _: None)
        self.tokens, self.key_value = tokens or MemoryTokens(), key_value or MemoryKeyValue()
        self.links, self.sessions = MemoryLoginLinks(), MemorySessions(repository.user, self.tokens.all)
        self.trail, take_downs = MemoryAuditLog(lambda: NOW), MemoryTakeDowns(lambda: NOW)
        services = Services(
            Settings(api=limits, accounts={"per_hour": 0}),
            MemoryIndex(),
            MemoryLog(),
            lambda: NOW,
            lambda: self.feed,
            lambda: targets,
            lambda: self.tokens,
            lambda: self.key_value,
            MemoryClicks,
            MemoryIncidents,
            make_links=lambda: self.links,
            make_sessions=lambda: self.sessions,
            make_audit_log=lambda: self.trail,
            make_take_downs=lambda: take_downs,
        )
        self.app = create_app(services, None, {}, guarded=True)
        self.client = self.app.test_client()

    def join(self, name):
        made = self.client.post("/api/v1/users", json={"email": f"{name}@example.org", "name": name}).json
        return made["id"], made["token"]

    def admin(self):
        secret = new_token()
        self.tokens.add(digest_of(secret), None, [ADMIN], "", None)
        return secret

    def ask(self, method, path, token="", **options):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.open(path, method=method, headers={**headers, **options.pop("headers", {})}, **options)


@pytest.fixture
def town():
    return Town()


def operations(app):
    """Method and rule of every operation of the API."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            yield from ((method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})


def path_of(rule, user_id):
    return re.sub(r"<int:other_id>", "999", re.sub(r"<int:\w+>", str(user_id), rule)).replace("<name>", "a")


def body_of(rule, user_id):
    if rule == "/api/v1/tokens":
        return {"link": OPENS_NOTHING}
    if rule.startswith(OWN):
        return {"email": "walker@example.org"} if rule.endswith("/email") else {}
    return {"user_id": user_id, "contents": "x"} if rule.endswith("/posts") else {"influencer": True}


def test_every_operation_that_is_open_says_so(town):
    there = {f"{method} {rule}" for method, rule in operations(town.app)}
    assert set(LEVELS) <= there, "a level is given to what is not there"
    assert all(level_of(*name.split()) is Level.ADMIN for name in there - set(LEVELS))


def test_as_nobody_only_open_operations_answer(town):
    for method, rule in operations(town.app):
        answer = town.ask(method, path_of(rule, 1), json={})
        if level_of(method, rule) is Level.ANYONE:
            assert answer.status_code not in (401, 403), (method, rule)
        else:
            assert answer.status_code == 401, (method, rule)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"


def test_as_another_user_nothing_of_a_users_own_is_read_or_changed(town):
    (one, own), (_, other) = town.join("one"), town.join("other")
    post = town.ask("POST", "/api/v1/posts", own, json={"user_id": one, "contents": "x"}).json["id"]
    for method, rule in operations(town.app):
        path = path_of(rule, post if rule == "/api/v1/posts/<int:post_id>" else one)
        options = {"query_string": {"user_id": one}} if (method, rule) == ("GET", "/api/v1/posts") else {}
        if method in ("POST", "PATCH") or rule.startswith(OWN):
            options["json"] = body_of(rule, one)
        answer = town.ask(method, path, other, **options)
        if level_of(method, rule) is Level.ANYONE or rule == OF_ANY_TOKEN:
            assert answer.status_code not in (401, 403), (method, rule)
        elif rule.startswith(OWN):
            assert answer.status_code in (200, 201, 202, 204, 404, 422), (method, rule)
            assert "one@example.org" not in answer.get_data(as_text=True), (method, rule)
        else:
            assert answer.status_code == 403, (method, rule)
    assert (town.feed.repository.user(one).name, len(town.tokens.all(one))) == ("one", 1)
    assert town.ask("GET", OF_ANY_TOKEN, own).status_code == 200
    assert town.feed.repository.post(post).contents == "x"


def test_an_administrator_administers_and_acts_as_no_user(town):
    (one, _), admin = town.join("one"), town.admin()
    for method, rule in operations(town.app):
        options = {"query_string": {"user_id": one}} if (method, rule) == ("GET", "/api/v1/posts") else {}
        if method in ("POST", "PATCH") or rule.startswith(OWN):
            options["json"] = body_of(rule, one)
        status = town.ask(method, path_of(rule, one), admin, **options).status_code
        if level_of(method, rule) is Level.USER and "<int:post_id>" not in rule and rule != OF_ANY_TOKEN:
            assert status == 403, (method, rule)
        else:
            assert status not in (401, 403), (method, rule)


def test_the_first_token_opens_what_is_the_users_own(town):
    user, token = town.join("mina")
    assert town.ask("GET", f"/api/v1/posts?user_id={user}", token).status_code == 200


def test_a_user_does_what_is_the_users_own_and_nothing_of_an_administrator(town):
    for number, (method, rule) in enumerate(sorted(operations(town.app))):
        user, token = town.join(f"user{number}")  # of each operation another: one of them deletes the account
        post = town.ask("POST", "/api/v1/posts", token, json={"user_id": user, "contents": "x"}).json["id"]
        options = {"query_string": {"user_id": user}} if (method, rule) == ("GET", "/api/v1/posts") else {}
        if method in ("POST", "PATCH") or rule.startswith(OWN):
            options["json"] = body_of(rule, user)
        path = path_of(rule, post if rule == "/api/v1/posts/<int:post_id>" else user)
        status = town.ask(method, path, token, **options).status_code
        if level_of(method, rule) is Level.ADMIN:
            assert status == 403, (method, rule)
        else:
            assert status not in (401, 403), (method, rule)


def closed_to(town, secret):
    """What the operations answer that take a token, with this one: each status once."""
    found = {
        town.ask(method, path_of(rule, 1), secret, json=body_of(rule, 1)).status_code
        for method, rule in operations(town.app)
        if level_of(method, rule) is not Level.ANYONE
    }
    assert found
    return found


def test_with_a_token_that_was_revoked_or_has_expired_every_operation_is_closed(town):
    user, _ = town.join("one")
    for revoked in (True, False):
        for owner, scopes in ((user, ()), (None, (ADMIN,))):
            secret = new_token()
            made = town.tokens.add(digest_of(secret), owner, scopes, "", None if revoked else NOW)
            if revoked:
                town.tokens.revoke(made.id)
            assert closed_to(town, secret) == {401}


def test_neither_a_session_nor_a_login_link_is_a_token(town):
    user, _ = town.join("one")
    session, link = new_session(), new_link()
    town.sessions.begin(digest_of(session), user, None, NOW + 1000)
    town.links.add(LoginLink(digest_of(link), "login", "one@example.org", NOW + 1000, user))
    for secret in (session, link):
        assert closed_to(town, secret) == {401}


def test_with_a_session_that_is_over_every_operation_is_closed(town):
    user, _ = town.join("one")
    secret = new_session()
    town.sessions.begin(digest_of(secret), user, None, NOW + 1000)
    town.sessions.end(digest_of(secret))
    for method, rule in operations(town.app):
        if level_of(method, rule) is not Level.ANYONE:
            town.client.set_cookie("riverline_session", secret)
            answer = town.ask(method, path_of(rule, user), json=body_of(rule, user))
            assert answer.status_code == 401, (method, rule)
    assert town.feed.repository.user(user).name == "one"


def test_a_token_that_may_only_read_changes_nothing(town):
    user, _ = town.join("one")
    for owner, scopes in ((user, (READ,)), (None, (ADMIN, READ))):
        secret = new_token()
        town.tokens.add(digest_of(secret), owner, scopes, "", None)
        for method, rule in operations(town.app):
            if level_of(method, rule) is not Level.ANYONE and method != "GET":
                answer = town.ask(method, path_of(rule, user), secret, json=body_of(rule, user))
                assert answer.status_code == 403, (method, rule)
        assert town.ask("GET", OF_ANY_TOKEN, secret).status_code == 200
    assert town.feed.repository.user(user).name == "one"


PAGES_OF_ONES_OWN = [
    ("GET", "/account"),
    ("GET", "/account/export"),
    ("POST", "/account/tokens"),
    ("POST", "/account/tokens/1/revoke"),
    ("POST", "/account/email"),
    ("POST", "/account/log-out-everywhere"),
    ("POST", "/account/delete"),
    ("POST", "/feed/posts"),
]


@pytest.mark.parametrize("ended", ["logout", "everywhere", "time", "token", "never begun"])
def test_with_a_session_that_is_over_every_page_of_ones_own_is_closed(town, ended):
    user, token = town.join("one")
    secret = new_session()
    if ended != "never begun":
        end = NOW if ended == "time" else NOW + 1000
        town.sessions.begin(digest_of(secret), user, town.tokens.find(digest_of(token)).id, end)
    if ended == "logout":
        town.sessions.end(digest_of(secret))
    if ended == "everywhere":
        town.sessions.end_all(user)
    if ended == "token":
        town.tokens.revoke(town.tokens.find(digest_of(token)).id)
    town.client.set_cookie("riverline_session", secret)
    for method, path in PAGES_OF_ONES_OWN:
        town.client.set_cookie("riverline_session", secret)
        answer = town.client.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"}, data={})
        assert answer.status_code == 401, (method, path)
    assert town.feed.repository.user(user).name == "one"


@pytest.mark.parametrize("header", ["Bearer rvl_unknown", "bearer x", "Bearer é"])
def test_an_unknown_token_is_refused_even_where_none_is_asked_for(town, header):
    answer = town.client.get("/api/v1/search", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_opens_nothing(town):
    user, token = town.join("mina")
    town.tokens.revoke(1)
    answer = town.ask("GET", f"/api/v1/posts?user_id={user}", token)
    assert (answer.status_code, answer.json["detail"]) == (401, "the token was revoked")


def test_no_token_is_kept_as_it_is(town):
    _, token = town.join("mina")
    assert token not in repr(town.tokens.all())


class NoTokens(MemoryTokens):
    def add(self, *_):
        raise Transient("MySQL: away")


def test_a_user_who_got_no_token_is_not_there():
    town = Town(tokens=NoTokens())
    assert town.client.post("/api/v1/users", json={"email": "a@b.org", "name": "A"}).status_code == 503
    assert town.feed.repository.users(0, 10) == []


def test_who_asks_too_often_is_told_to_wait():
    town = Town(address_per_minute=3, token_per_minute=0)
    answers = [town.client.get("/api/v1/search") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    assert int(answers[3].headers["Retry-After"]) > 0
    assert town.client.get("/health/live").status_code == 200


def test_addresses_are_counted_apart_and_only_a_proxy_may_say_which():
    town = Town(address_per_minute=1)
    for forwarded in ("203.0.113.1", "203.0.113.2"):
        assert town.client.get("/api/v1/search", headers={"X-Forwarded-For": forwarded}).status_code == 200
    outside = {"REMOTE_ADDR": "8.8.8.8"}
    statuses = [
        town.client.get("/api/v1/search", headers={"X-Forwarded-For": f"10.0.0.{n}"}, environ_base=outside).status_code
        for n in (1, 2)
    ]
    assert statuses == [200, 429]


def test_a_token_has_a_limit_of_its_own():
    town = Town(token_per_minute=1, address_per_minute=0)
    (_, first), (_, second) = town.join("one"), town.join("two")
    statuses = [town.ask("GET", "/api/v1/search", token).status_code for token in (first, first, second)]
    assert statuses == [200, 429, 200]


class Away(MemoryKeyValue):
    """A Redis that does not answer."""

    def counted(self, *_):
        raise Transient("Redis: away")

    put_new = get = put = counted


def test_without_counts_requests_are_let_in_and_counted_as_such():
    town = Town(Away())
    assert town.client.get("/api/v1/search").status_code == 200
    metrics = town.client.get("/metrics").get_data(as_text=True)
    assert float(re.search(r"(?m)^riverline_api_rate_unknown_total (\S+)", metrics)[1]) > 0


KEY = {"Idempotency-Key": "3f7b1a0c-2f4e-4c55"}


def post(town, user, token, contents="x", **headers):
    body = {"user_id": user, "contents": contents}
    return town.ask("POST", "/api/v1/posts", token, json=body, headers=headers)


def test_a_post_made_twice_with_one_key_is_one_post(town):
    user, token = town.join("mina")
    first, second = (post(town, user, token, **KEY) for _ in range(2))
    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(town.ask("GET", f"/api/v1/posts?user_id={user}", token).json["items"]) == 1


def test_a_key_of_another_request_is_refused(town):
    user, token = town.join("mina")
    post(town, user, token, **KEY)
    assert post(town, user, token, "y", **KEY).status_code == 422


def test_keys_of_different_users_do_not_meet(town):
    (one, first), (other, second) = town.join("one"), town.join("two")
    ids = {post(town, user, token, **KEY).json["id"] for user, token in ((one, first), (other, second))}
    assert len(ids) == 2


def test_a_request_that_runs_still_is_a_conflict(town):
    user, token = town.join("mina")
    town.key_value.put = lambda *_: (_ for _ in ()).throw(Transient("away"))
    post(town, user, token, **KEY)
    assert post(town, user, token, **KEY).status_code == 409


def test_a_key_that_cannot_be_looked_up_is_refused_rather_than_served_twice():
    town = Town(Away())
    user, token = town.join("mina")
    assert post(town, user, token, **KEY).status_code == 503
    assert post(town, user, token).status_code == 201


def test_the_answer_that_holds_a_token_is_kept_encrypted(town):
    made = [
        town.client.post("/api/v1/users", json={"email": "a@b.org", "name": "A"}, headers=KEY).json for _ in range(2)
    ]
    assert made[0] == made[1]
    assert made[0]["token"].encode() not in b"".join(value for _, value in town.key_value._held.values())


def test_answers_to_strangers_are_kept_for_minutes(town):
    kept = []
    put = town.key_value.put
    town.key_value.put = lambda key, value, seconds: (kept.append(seconds), put(key, value, seconds))
    town.client.post("/api/v1/users", json={"email": "a@b.org", "name": "A"}, headers=KEY)
    user, token = town.join("mina")
    post(town, user, token, **KEY)
    other = {"Idempotency-Key": "another key of hers"}
    town.ask("POST", "/api/v1/users", town.admin(), json={"email": "b@b.org", "name": "B"}, headers=other)
    assert kept == [600, 86_400, 86_400]


def test_of_a_long_answer_is_kept_that_there_was_one(town):
    body = {"name": "long", "start_urls": [f"https://news.example/{'x' * 1000}/{number}" for number in range(100)]}
    first, second = (town.ask("POST", "/api/v1/crawl/targets", town.admin(), json=body, headers=KEY) for _ in range(2))
    assert (first.status_code, len(first.data) > 64 << 10) == (201, True)
    assert second.status_code == 409 and "was processed" in second.json["detail"]
    assert second.headers["Location"] == first.headers["Location"]
    assert sum(len(value) for _, value in town.key_value._held.values()) < 4096


def kept_answers(town, token, user, count):
    """Whether each of so many posts, made again with its key, gets its answer again."""
    keys = [{"Idempotency-Key": f"key of the post number {number}"} for number in range(count)]
    for key in keys:
        post(town, user, token, "x" * 1000, **key)
    return [post(town, user, token, "x" * 1000, **key).status_code for key in keys]


@pytest.mark.parametrize(("most", "others"), [("MOST_OF_ONE", 201), ("MOST_OF_ALL", 409)])
def test_beyond_its_share_no_answer_is_kept_and_nothing_is_made_twice(town, monkeypatch, most, others):
    monkeypatch.setattr(f"riverline_api.http.idempotency.{most}", 4000)
    (one, own), (two, other) = town.join("one"), town.join("two")
    assert kept_answers(town, own, one, 4) == [201, 201, 201, 409]
    assert kept_answers(town, other, two, 1) == [others]
    assert len(town.ask("GET", f"/api/v1/posts?user_id={one}", own).json["items"]) == 4


@pytest.mark.parametrize("key", ["short", "x" * 256])
def test_a_key_that_is_no_key_is_refused(town, key):
    user, token = town.join("mina")
    assert post(town, user, token, **{"Idempotency-Key": key}).status_code == 422


def test_a_body_over_the_limit_is_refused(town):
    user, token = town.join("mina")
    assert post(town, user, token, "x" * (1 << 20)).status_code == 413


def test_the_description_says_what_each_operation_takes(town):
    paths = town.client.get("/openapi.json").json["paths"]
    assert paths["/api/v1/posts"]["post"]["security"] == [{"token": []}]
    assert paths["/api/v1/search"]["get"]["security"] == []
    assert {"401", "403", "429"} <= set(paths["/api/v1/crawl/targets/{name}"]["put"]["responses"])


def test_only_an_administrator_sees_what_scores_are_made_of(town):
    _, token = town.join("mina")
    statuses = [
        town.ask("GET", "/api/v1/search?q=a&explain=true", one).status_code for one in ("", token, town.admin())
    ]
    assert statuses == [403, 403, 200]


def test_outside_of_the_api_a_token_is_not_looked_at(town):
    assert town.ask("GET", "/health/live", token="unknown").status_code == 200
    assert town.ask("GET", "/api/v1/search", token="unknown").status_code == 401
