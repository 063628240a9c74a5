"""One's own account by the API: links, tokens, sessions, the address, a copy of everything."""

import re

import pytest

from riverline.accounts.tokens import digest_of, new_session
from riverline.errors import Transient
from tests.support.site import empty
from tests.unit.api.conftest import DAY, NOW
from tests.unit.api.test_surface import bearer

ME, LINKS, TOKENS = "/api/v1/me", "/api/v1/login-links", "/api/v1/tokens"


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def site(clock):
    return empty(lambda: clock[0])


@pytest.fixture
def api(site):
    return site.app().test_client()


def mailed(site):
    """The newest mail's link."""
    return re.search(r"/login/(\S+)", site.services.kept_mail.newest()[0].text)[1]


def came_in(site, api, email="mina@example.org", **more):
    assert api.post(LINKS, json={"email": email}).status_code == 202
    return api.post(TOKENS, json={"link": mailed(site), **more})


def test_who_lost_everything_comes_back_by_a_link(site, api):
    user, _ = site.join("mina")
    made = came_in(site, api, name="laptop")
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    assert (made.json["user_id"], made.json["name"]) == (user, "laptop")
    assert api.get(ME, headers=bearer(made.json["token"])).json["user"]["id"] == user
    assert api.post(TOKENS, json={"link": mailed(site)}).status_code == 404


def test_a_token_ends_after_ninety_days_unless_said_otherwise(site, api, clock):
    site.join("mina")
    usual, other, endless = (came_in(site, api, **more).json for more in ({}, {"days": 1}, {"days": None}))
    assert usual["expires_at"] == "2026-01-07T08:53:20.000Z" and endless["expires_at"] is None
    clock[0] += DAY
    statuses = [api.get(ME, headers=bearer(one["token"])).status_code for one in (usual, other, endless)]
    assert statuses == [200, 401, 200]


def test_the_answer_is_the_same_whether_an_address_is_known_or_not(site, api):
    site.join("mina")
    answers = [api.post(LINKS, json={"email": email}) for email in ("mina@example.org", "none@example.org")]
    assert answers[0].json == answers[1].json and answers[0].status_code == answers[1].status_code == 202


def test_a_link_with_a_name_makes_an_account(site, api):
    assert api.post(LINKS, json={"email": "sol@example.org", "name": "솔"}).status_code == 202
    assert site.feed.repository.user_by_email("sol@example.org") is None
    token = api.post(TOKENS, json={"link": mailed(site)}).json["token"]
    me = api.get(ME, headers=bearer(token)).json["user"]
    assert (me["name"], me["email"]) == ("솔", "sol@example.org")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "no"},
        {"email": "a@b.org", "name": ""},
        {"email": "a@b.org", "name": "\u200b"},
        {"email": "a@b.org", "name": "Мina"},
    ],
)
def test_a_wish_that_does_not_fit_is_refused(api, body):
    assert api.post(LINKS, json=body).status_code == 422


def test_tokens_are_made_listed_and_revoked_by_their_owner(site, api):
    _, token = site.join("mina")
    own = bearer(token)
    made = api.post(f"{ME}/tokens", json={"name": "reader", "scopes": ["read"]}, headers=own).json
    listed = api.get(f"{ME}/tokens", headers=own).json["items"]
    assert [(one["name"], one["scopes"]) for one in listed] == [("", []), ("reader", ["read"])]
    assert made["token"] not in str(listed)
    assert api.post("/api/v1/posts", json={"contents": "x"}, headers=bearer(made["token"])).status_code == 403
    for _ in range(2):
        assert api.delete(f"{ME}/tokens/{made['id']}", headers=own).status_code == 204
    revoked = api.get(f"{ME}/tokens", headers=own).json["items"][1]
    assert revoked["revoked_at"] is not None


def test_nobody_gives_more_rights_than_there_are(site, api):
    _, token = site.join("mina")
    answer = api.post(f"{ME}/tokens", json={"scopes": ["admin"]}, headers=bearer(token))
    assert answer.status_code == 422


def test_another_ones_token_is_not_there(site, api):
    (_, token), (other, _) = site.join("mina"), site.join("jun")
    [theirs] = site.tokens.all(other)
    answers = [api.delete(f"{ME}/tokens/{number}", headers=bearer(token)) for number in (theirs.id, 999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert site.tokens.all(other)[0].revoked_at is None


def test_an_account_has_a_bounded_number_of_tokens(site, api, monkeypatch):
    monkeypatch.setattr("riverline_api.resources.own_account.MOST_TOKENS", 2)
    _, token = site.join("mina")
    statuses = [api.post(f"{ME}/tokens", json={}, headers=bearer(token)).status_code for _ in range(2)]
    assert statuses == [201, 409]


def test_the_address_changes_when_the_link_to_it_is_opened(site, api):
    user, token = site.join("mina")
    assert api.put(f"{ME}/email", json={"email": "new@example.org"}, headers=bearer(token)).status_code == 202
    assert site.feed.repository.user(user).email == "mina@example.org"
    assert api.post(TOKENS, json={"link": mailed(site)}).status_code == 201
    assert site.feed.repository.user(user).email == "new@example.org"
    told = site.services.kept_mail.newest()[0]
    assert (told.to, told.subject) == ("mina@example.org", "Your address was changed")


def test_a_link_to_the_address_before_opens_nothing(site, api):
    _, token = site.join("mina")
    api.post(LINKS, json={"email": "mina@example.org"})
    before = mailed(site)
    api.put(f"{ME}/email", json={"email": "new@example.org"}, headers=bearer(token))
    api.post(TOKENS, json={"link": mailed(site)})
    assert api.post(TOKENS, json={"link": before}).status_code == 404


def test_an_address_that_was_taken_meanwhile_is_a_conflict(site, api):
    _, token = site.join("mina")
    api.put(f"{ME}/email", json={"email": "sol@example.org"}, headers=bearer(token))
    link = mailed(site)
    site.join("sol")
    assert api.post(TOKENS, json={"link": link}).status_code == 409


def test_all_sessions_end_at_once_and_tokens_go_on(site, api):
    user, token = site.join("mina")
    digests = [digest_of(new_session()) for _ in range(2)]
    for digest in digests:
        site.sessions.begin(digest, user, None, NOW + DAY)
    assert api.delete(f"{ME}/sessions", headers=bearer(token)).status_code == 204
    assert [site.sessions.find(digest, NOW) for digest in digests] == [None, None]
    assert api.get(ME, headers=bearer(token)).status_code == 200


def test_the_copy_holds_everything_and_no_secret(site, api, monkeypatch):
    for rows in ("POSTS", "PEOPLE"):
        monkeypatch.setattr(f"riverline_api.resources.own_account.{rows}", 2)
    (mina, token), (jun, _) = site.join("mina"), site.join("jun")
    for number in range(5):
        site.post(mina, f"post {number} 🌊")
    site.follow(mina, jun)
    copy = api.get(f"{ME}/export", headers=bearer(token)).json
    assert copy["user"]["email"] == "mina@example.org"
    assert [one["contents"] for one in copy["posts"]] == [f"post {number} 🌊" for number in (4, 3, 2, 1, 0)]
    assert ([one["name"] for one in copy["followings"]], copy["followers"]) == (["jun"], [])
    assert len(copy["tokens"]) == 1 and token not in str(copy) and digest_of(token) not in str(copy)


@pytest.mark.parametrize("ahead", [0, 100, 1 << 20])
def test_a_long_copy_is_as_whole_as_a_short_one(site, api, monkeypatch, ahead):
    monkeypatch.setattr("riverline_api.resources.own_account.READ_AHEAD", ahead)
    user, token = site.join("mina")
    for number in range(9):
        site.post(user, f"post {number}")
    assert len(api.get(f"{ME}/export", headers=bearer(token)).json["posts"]) == 9


def test_one_account_is_copied_so_often_an_hour(clock):
    site = empty(lambda: clock[0], {"exports_per_hour": 2})
    _, token = site.join("mina")
    _, other = site.join("jun")
    api = site.app().test_client()

    def copied(secret):
        answer = api.get(f"{ME}/export", headers=bearer(secret))
        return answer.status_code, answer.json.get("detail"), int(answer.headers.get("Retry-After", 0)) > 0

    assert [copied(token)[0] for _ in range(2)] == [200, 200]
    assert copied(token) == (429, "more than 2 copies of an account in an hour", True)
    assert copied(other)[0] == 200
    clock[0] += 3_600_000
    assert copied(token)[0] == 200


def test_a_copy_that_cannot_be_read_is_answered_so(site, api, monkeypatch):
    _, token = site.join("mina")

    def away(*_):
        raise Transient("away")

    monkeypatch.setattr(site.feed.repository, "authored", away)
    assert api.get(f"{ME}/export", headers=bearer(token)).status_code == 503


def test_a_token_of_no_user_has_no_account(site, api):
    admin = bearer(site.token(None, "admin"))
    for method, path in (("GET", "tokens"), ("GET", "export"), ("DELETE", "sessions")):
        answer = api.open(f"{ME}/{path}", method=method, headers=admin)
        assert (answer.status_code, answer.json["detail"]) == (403, "this token belongs to no user")
