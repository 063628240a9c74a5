"""Take-down by administrators, and the audit log, by the API and as pages."""

import pytest

from riverline.accounts.tokens import ADMIN
from riverline.errors import NotFound, Transient
from riverline.model import Document
from riverline_tasks import upkeep
from tests.support.site import empty
from tests.unit.api.conftest import NOW
from tests.unit.api.test_feed_pages import Browser
from tests.unit.api.test_surface import bearer

REMOVALS, TRAIL = "/api/v1/removals", "/api/v1/audit-log"


@pytest.fixture
def site():
    made = empty(lambda: NOW)
    urls = [f"https://{host}/{n}" for host in ("news.example", "other.example") for n in range(2)]
    made.index.write([document(url) for url in urls], [])
    made.index.refresh()
    return made


@pytest.fixture
def api(site):
    return site.app().test_client()


@pytest.fixture
def admin(site):
    return bearer(site.token(None, ADMIN))


def document(url) -> Document:
    return Document(url, url.split("/")[2], "River", "s", f"body of {url}", "article", crawled_at=NOW)


def shown(api):
    return sorted(hit["url"] for hit in api.get("/api/v1/search?q=river").json["items"])


def remove(api, admin, kind, subject, reason="asked for"):
    return api.post(REMOVALS, json={"kind": kind, "subject": str(subject), "reason": reason}, headers=admin)


def done(site):
    return [(one.actor, one.action, one.subject, one.reason) for one in site.services.audit_log.newest(0, 99)]


def test_a_site_leaves_the_searches_and_stays_out(site, api, admin, monkeypatch):
    answer = remove(api, admin, "site", "www.News.example")
    assert (answer.status_code, answer.json["removed"]) == (201, 2)
    assert shown(api) == ["https://other.example/0", "https://other.example/1"]
    site.index.write([document("https://news.example/0")], [])
    site.index.refresh()
    monkeypatch.setattr(upkeep, "services", lambda: site.services)
    assert upkeep.keep_down() == 1
    [held] = api.get(REMOVALS, headers=admin).json["items"]
    assert (held["kind"], held["subject"], held["reason"]) == ("site", "news.example", "asked for")
    assert api.delete(f"{REMOVALS}/{held['id']}", headers=admin).status_code == 204
    site.index.write([document("https://news.example/0")], [])
    site.index.refresh()
    assert upkeep.keep_down() == 0
    assert [action for _, action, _, _ in done(site)] == ["lift.site", "remove.site"]


def test_a_document_leaves_alone(api, admin):
    assert remove(api, admin, "document", "https://news.example/0").json["removed"] == 1
    assert len(shown(api)) == 3


def test_a_post_is_deleted_with_a_reason_and_a_trail(site, api, admin):
    user, token = site.join("mina")
    post = site.post(user, "river of insults")
    assert remove(api, admin, "post", post, "an insult").status_code == 201
    assert api.get(f"/api/v1/posts/{post}").status_code == 404
    assert api.get("/api/v1/posts", headers=bearer(token)).json["items"] == []
    assert done(site)[0][1:] == ("remove.post", str(post), "an insult")
    assert done(site)[0][0].startswith("token ")


def test_a_user_is_deleted_with_everything(site, api, admin):
    user, token = site.join("mina")
    site.post(user, "river")
    assert remove(api, admin, "user", user).status_code == 201
    with pytest.raises(NotFound):
        site.feed.repository.user(user)
    assert api.get("/api/v1/me", headers=bearer(token)).status_code == 401


def test_what_is_not_there_leaves_no_trail(site, api, admin):
    assert [remove(api, admin, kind, 999).status_code for kind in ("post", "user")] == [404, 404]
    assert done(site) == []


@pytest.mark.parametrize(
    ("kind", "subject", "reason"),
    [
        ("post", "x", "r"), ("post", "0", "r"), ("user", "-1", "r"), ("user", "١", "r"),
        ("site", "https://a.example", "r"),
        ("site", "a b", "r"), ("site", "*", "r"), ("document", "news.example/0", "r"), ("all", "x", "r"),
        ("site", "news.example", ""), ("site", "news.example", "\u200b"), ("site", "127.0.0.1", "r"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(site, api, admin, kind, subject, reason):
    assert remove(api, admin, kind, subject, reason).status_code == 422
    assert len(shown(api)) == 4 and done(site) == []


def test_without_a_trail_nothing_is_removed(site, api, admin, monkeypatch):
    user, _ = site.join("mina")
    post = site.post(user, "x")

    def away(*_):
        raise Transient("away")

    monkeypatch.setattr(site.services.audit_log, "add", away)
    assert remove(api, admin, "post", post).status_code == 503
    assert remove(api, admin, "site", "news.example").status_code == 503
    assert site.feed.repository.post(post) and len(shown(api)) == 4


def test_while_the_index_is_away_it_is_removed_later(site, api, admin, monkeypatch):
    def away(*_):
        raise Transient("away")

    with monkeypatch.context() as context:
        context.setattr(site.index, "take_down", away)
        assert remove(api, admin, "site", "news.example").json["removed"] is None
    monkeypatch.setattr(upkeep, "services", lambda: site.services)
    assert upkeep.keep_down() == 2


def test_the_audit_log_is_read_in_pages_and_by_action(site, api, admin):
    for number in range(5):
        remove(api, admin, "document", f"https://other.example/{number}")
    _, token = site.join("mina")
    api.post("/api/v1/me/tokens", json={"name": "x"}, headers=bearer(token))
    assert api.get(TRAIL, headers=admin).json["items"][0]["action"] == "token.make"
    first = api.get(f"{TRAIL}?action=remove&limit=3", headers=admin)
    rest = api.get(f"{TRAIL}?action=remove&limit=3&cursor={first.json['next_cursor']}", headers=admin).json
    subjects = [one["subject"] for one in (*first.json["items"], *rest["items"])]
    assert subjects == [f"https://other.example/{number}" for number in (4, 3, 2, 1, 0)]
    assert 'rel="next"' in first.headers["Link"] and rest["next_cursor"] is None


def test_what_people_do_with_their_accounts_leaves_a_trail_without_secrets(site):
    user, token = site.join("mina")
    browser = Browser(site, token)
    browser.post("/account/tokens", name="x")
    browser.post("/account/log-out-everywhere")
    Browser(site, token).post("/account/delete")
    assert [action for _, action, _, _ in done(site)] == [
        "account.delete", "login.token", "sessions.end", "token.make", "login.token",
    ]  # fmt: skip
    assert {actor for actor, action, _, _ in done(site) if action != "login.token"} == {f"user {user}"}
    assert token not in str(done(site))


def test_an_administrator_takes_down_by_the_page(site):
    browser = Browser(site, site.token(None, ADMIN))
    user, _ = site.join("mina")
    post = site.post(user, "x")
    assert f"/removals?kind=post&amp;subject={post}" in browser.html(f"/posts/{post}")
    assert f'value="{post}"' in browser.html(f"/removals?kind=post&subject={post}")
    answer = browser.post("/removals", kind="post", subject=str(post), reason="an insult")
    assert answer.headers["Location"] == "/removals?note=removed"
    assert browser.post("/removals", kind="post", subject=str(post), reason="again").status_code == 404
    assert browser.post("/removals", kind="site", subject="a b", reason="r").status_code == 422
    browser.post("/removals", kind="site", subject="news.example", reason="<asked>")
    html = browser.html("/removals")
    assert "news.example" in html and "&lt;asked&gt;" in html
    held = site.services.take_downs.all()[0]
    assert browser.post(f"/removals/{held.id}/lift").headers["Location"] == "/removals?note=lifted"
    log = browser.html("/audit-log?action=remove")
    assert "an insult" in log and "lift.site" not in log and "lift.site" in browser.html("/audit-log")


def test_only_administrators_see_them(site):
    _, token = site.join("mina")
    for path in ("/removals", "/audit-log"):
        assert Browser(site).get(path).status_code == 401
        assert Browser(site, token).get(path).status_code == 403
    for path in ("/removals", "/removals/1/lift"):
        assert Browser(site).post(path, kind="site", subject="news.example", reason="r").status_code == 401
        answer = Browser(site, token).post(path, kind="site", subject="news.example", reason="r")
        assert answer.status_code == 403
    assert site.services.take_downs.all() == []
