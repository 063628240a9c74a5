"""`/account`: tokens, the address, sessions, a copy, and the end, as pages."""

import re

import pytest

from riverline.accounts.tokens import ADMIN, READ, old_cookies_of
from riverline.errors import NotFound
from tests.support.site import empty
from tests.unit.api.test_feed_pages import HERE, NOW, Browser


@pytest.fixture
def site():
    return empty(lambda: NOW)


def test_a_token_is_made_shown_once_and_revoked(site):
    user, token = site.join("mina")
    browser = Browser(site, token)
    made = browser.post("/account/tokens", name="<b>reader</b>", days="30", only_reads="1")
    assert made.status_code == 201 and made.headers["Cache-Control"] == "no-store"
    html = made.get_data(as_text=True)
    secret = re.search(r'id="secret"[^>]*>(rvl_[\w-]+)<', html)[1]
    assert "&lt;b&gt;reader&lt;/b&gt;" in html and "in 30 days" in html
    assert secret not in browser.html("/account")
    new = site.tokens.all(user)[1]
    assert (new.scopes, new.expires_at) == ((READ,), NOW + 30 * 86_400_000)
    assert browser.post(f"/account/tokens/{new.id}/revoke").headers["Location"] == "/account"
    assert "reader" not in browser.html("/account")


def test_another_ones_token_is_not_revoked(site):
    (_, token), (other, _) = site.join("mina"), site.join("jun")
    [theirs] = site.tokens.all(other)
    assert Browser(site, token).post(f"/account/tokens/{theirs.id}/revoke").status_code == 404
    assert site.tokens.all(other)[0].revoked_at is None


def test_a_token_that_only_reads_does_not_log_in(site):
    user, _ = site.join("mina")
    answer = Browser(site).post("/login", token=site.token(user, READ))
    assert answer.status_code == 422 and "may only read" in answer.get_data(as_text=True)
    browser = Browser(site)
    browser.client.set_cookie("riverline_token", site.token(user, READ))
    assert browser.get("/account").status_code == 401


def test_a_new_address_is_asked_for_by_mail(site):
    user, token = site.join("mina")
    browser = Browser(site, token)
    assert "mina@example.org" in browser.html("/account")
    assert browser.post("/account/email", email="no").status_code == 422
    assert "new@example.org" in browser.post("/account/email", email="new@example.org").get_data(as_text=True)
    link = re.search(r"/login/\S+", site.services.kept_mail.newest()[0].text)[0]
    assert browser.post(link).headers["Location"] == "/account"
    assert site.feed.repository.user(user).email == "new@example.org"


def test_logging_out_everywhere_ends_every_session(site):
    _, token = site.join("mina")
    browsers = [Browser(site, token) for _ in range(2)]
    assert browsers[0].post("/account/log-out-everywhere").headers["Location"] == "/"
    assert [browser.get("/account").status_code for browser in browsers] == [401, 401]


def test_logging_out_everywhere_ends_cookies_of_earlier_versions_and_a_new_login_goes_on(site):
    _, token = site.join("mina")
    browsers = [Browser(site) for _ in range(2)]
    for browser in browsers:
        browser.client.set_cookie("riverline_token", token)
    assert browsers[0].get("/account").status_code == 200
    browsers[0].post("/account/log-out-everywhere")
    assert [browser.get("/account").status_code for browser in browsers] == [401, 401]
    again = Browser(site, token)
    again.post("/account/log-out-everywhere")
    assert Browser(site, token).get("/account").status_code == 200
    browsers[1].client.set_cookie("riverline_token", token)
    assert browsers[1].get("/account").status_code == 401


def test_who_logged_out_everywhere_left_no_session_that_anybody_can_show(site):
    user, token = site.join("mina")
    Browser(site, token).post("/account/log-out-everywhere")
    browser = Browser(site)
    browser.client.set_cookie("riverline_session", old_cookies_of(user))
    assert browser.get("/account").status_code == 401


def test_the_copy_is_a_file(site):
    user, token = site.join("mina")
    site.post(user, "hello")
    copy = Browser(site, token).get("/account/export")
    assert copy.headers["Content-Disposition"] == 'attachment; filename="riverline.json"'
    assert copy.json["posts"][0]["contents"] == "hello"


def test_a_deleted_account_is_gone_with_its_session(site):
    user, token = site.join("mina")
    browser = Browser(site, token)
    cookie = browser.client.get_cookie("riverline_session").value
    assert browser.post("/account/delete").headers["Location"] == "/"
    with pytest.raises(NotFound):
        site.feed.repository.user(user)
    browser.client.set_cookie("riverline_session", cookie)
    assert browser.get("/account").status_code == 401


@pytest.mark.parametrize("path", ["tokens", "tokens/1/revoke", "email", "log-out-everywhere", "delete"])
def test_a_form_of_another_site_does_nothing(site, path):
    user, token = site.join("mina")
    browser = Browser(site, token)
    headers = {**HERE, "Sec-Fetch-Site": "cross-site"}
    assert browser.post(f"/account/{path}", headers, email="evil@example.org").status_code == 403
    assert len(site.tokens.all(user)) == 1 and site.tokens.all(user)[0].revoked_at is None
    assert browser.get("/account").status_code == 200 and site.services.kept_mail.newest() == []


def test_an_administrators_token_has_no_account(site):
    assert Browser(site, site.token(None, ADMIN)).get("/account").status_code == 403


@pytest.mark.parametrize("name", ["Мina", "Mi\u200bna", "Mina\u202e"])
def test_a_name_that_may_be_taken_for_another_one_is_refused(site, name):
    answer = Browser(site).post("/join", name=name, email="a@b.org")
    assert answer.status_code == 422 and 'id="name-wrong"' in answer.get_data(as_text=True)
    api = site.app().test_client().post("/api/v1/users", json={"name": name, "email": "a@b.org"})
    assert api.status_code == 422
