"""Logging in by a mailed link, joining by one, and the sessions of browsers, as pages."""

import re

import pytest

from riverline.accounts.links import CHANGE, VALID_MINUTES, LinkWish
from riverline.accounts.tokens import ADMIN
from riverline_api.entrance import LINKS_PER_EMAIL
from tests.support.site import empty
from tests.unit.api.test_feed_pages import HERE, NOW, Browser

HTTPS = {**HERE, "X-Forwarded-Proto": "https"}
SERVED = {"smtp": "127.0.0.1:25"}  # a site that sends its mail; what it sends is kept here all the same


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def site(clock):
    return empty(lambda: clock[0])


def mails(site):
    return site.services.kept_mail.newest()


def linked(site):
    """Where the newest mail's link leads."""
    return re.search(r"http://127\.0\.0\.1:8080(/login/\S+)", mails(site)[0].text)[1]


def sending(clock, **accounts):
    """A site with a mail server, whose mail a test can read."""
    made = empty(lambda: clock[0], {**SERVED, **accounts})
    made.services.__dict__["mailer"] = made.services.kept_mail
    return made


def came_in(site, email="mina@example.org", **headers):
    """A browser that came in by a mailed link."""
    browser = Browser(site)
    browser.post("/login", {**HERE, **headers}, email=email)
    assert browser.post(linked(site), {**HERE, **headers}).headers["Location"] == "/feed"
    return browser


def name_shown(browser, path="/people"):
    found = re.search(r'class="quiet me"[^>]*>([^<]+)<', browser.html(path))
    return found[1] if found else ""


def test_a_mailed_link_lets_its_owner_in(site):
    site.join("mina")
    browser = Browser(site)
    said = browser.post("/login", email="mina@example.org")
    assert said.status_code == 200 and "Look into your mailbox" in said.get_data(as_text=True)
    asked = browser.html(linked(site))
    assert "You come in as mina." in asked
    assert name_shown(browser) == ""  # to look at the page is not to log in
    assert browser.post(linked(site)).status_code == 303
    assert name_shown(browser) == "mina"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_answer_does_not_say_whether_an_address_is_known(site, language):
    site.join("mina")
    browser = Browser(site)
    answers = [
        browser.post("/login", {**HERE, "Accept-Language": language}, email=email)
        for email in ("mina@example.org", "none@example.org")
    ]
    texts = [answer.get_data(as_text=True).replace("mina@", "none@") for answer in answers]
    assert texts[0] == texts[1]
    assert {mail.to for mail in mails(site)} == {"mina@example.org", "none@example.org"}


def test_a_link_opens_once_and_for_a_while(site, clock):
    site.join("mina")
    browser = came_in(site)
    used = browser.post(linked(site))
    assert used.status_code == 404 and "opens nothing any more" in used.get_data(as_text=True)
    browser.post("/login", email="mina@example.org")
    clock[0] += VALID_MINUTES * 60_000
    late = re.search(r"/login/\S+", mails(site)[0].text)[0]
    assert Browser(site).get(late).status_code == 404


@pytest.mark.parametrize("secret", ["unknown", "x" * 5000, "%00"])
def test_a_link_that_nobody_was_sent_opens_nothing(site, secret):
    assert Browser(site).get(f"/login/{secret}").status_code in (400, 404)
    assert Browser(site).post(f"/login/{secret}").status_code in (400, 404)


@pytest.mark.parametrize("email", ["", "nothing", "a@b@c", "a b@c.org", "x" * 190 + "@b.org"])
def test_what_is_no_address_is_said_at_its_field(site, email):
    answer = Browser(site).post("/login", email=email)
    assert answer.status_code == 422 and 'id="email-wrong"' in answer.get_data(as_text=True)


def test_the_link_never_leads_to_the_name_that_a_request_gave_the_site(site):
    site.join("mina")
    Browser(site).post("/login", {**HERE, "Host": "evil.example"}, email="mina@example.org")
    assert "evil.example" not in mails(site)[0].text


def test_the_session_is_in_a_cookie_of_this_host_alone(site):
    site.join("mina")
    cookie = Browser(site)
    cookie.post("/login", HTTPS, email="mina@example.org")
    set_cookie = cookie.post(linked(site), HTTPS).headers["Set-Cookie"]
    assert set_cookie.startswith("__Host-riverline_session=rvs_")
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in set_cookie
    assert "Domain" not in set_cookie


def test_over_https_a_cookie_that_any_host_may_set_is_no_session(site):
    site.join("mina")
    browser = came_in(site)
    assert "Log in" in browser.html("/people", **{"X-Forwarded-Proto": "https"})


def test_a_session_is_made_anew_at_each_login(site):
    site.join("mina")
    browser = came_in(site)
    first = browser.client.get_cookie("riverline_session").value
    browser.post("/login", email="mina@example.org")
    browser.post(linked(site))
    second = browser.client.get_cookie("riverline_session").value
    assert first != second
    browser.client.set_cookie("riverline_session", first)
    assert name_shown(browser) == ""


def test_logging_out_ends_the_session_for_whoever_has_its_cookie(site):
    site.join("mina")
    browser = came_in(site)
    stolen = browser.client.get_cookie("riverline_session").value
    answer = browser.post("/logout")
    assert "riverline_session=;" in answer.headers["Set-Cookie"]
    browser.client.set_cookie("riverline_session", stolen)
    assert name_shown(browser) == ""


def test_a_session_from_a_token_ends_when_the_token_is_revoked(site):
    browser = Browser(site, site.join("mina")[1])
    assert name_shown(browser) == "mina"
    site.tokens.revoke(1)
    assert name_shown(browser) == ""


def test_a_session_ends_after_thirty_days(site, clock):
    site.join("mina")
    browser = came_in(site)
    clock[0] += 30 * 86_400_000
    assert name_shown(browser) == ""


def test_the_secret_of_a_session_is_nowhere_kept(site):
    site.join("mina")
    browser = came_in(site)
    assert browser.client.get_cookie("riverline_session").value not in repr(site.sessions._sessions)


def test_a_cookie_of_an_earlier_version_goes_on(site):
    _, token = site.join("mina")
    browser = Browser(site)
    browser.client.set_cookie("riverline_token", token)
    assert name_shown(browser) == "mina"


def test_an_account_is_made_when_its_link_is_opened(clock):
    site = sending(clock)
    browser = Browser(site)
    said = browser.post("/join", name="솔", email="sol@example.org")
    assert said.status_code == 200 and site.feed.repository.user_by_email("sol@example.org") is None
    assert "솔" in browser.html(linked(site))
    assert browser.post(linked(site)).headers["Location"] == "/feed"
    assert name_shown(browser) == "솔"


def test_who_joins_with_a_known_address_is_answered_like_anybody(clock):
    site = sending(clock)
    site.join("mina")
    texts = [
        Browser(site).post("/join", name="A", email=email).get_data(as_text=True).replace("mina@", "none@")
        for email in ("mina@example.org", "none@example.org")
    ]
    assert texts[0] == texts[1]


def test_an_address_that_was_taken_meanwhile_is_said_so(clock):
    site = sending(clock)
    Browser(site).post("/join", name="A", email="sol@example.org")
    path = linked(site)
    site.join("sol")
    answer = Browser(site).post(path)
    assert answer.status_code == 409 and "has an account already" in answer.get_data(as_text=True)


def test_where_accounts_are_made_by_link_the_api_makes_none(clock):
    site = sending(clock)
    answer = site.app().test_client().post("/api/v1/users", json={"email": "a@b.org", "name": "A"})
    assert (answer.status_code, answer.json["detail"]) == (403, "accounts are made by a mailed link here")
    there = sending(clock, direct=True).app().test_client()
    assert there.post("/api/v1/users", json={"email": "a@b.org", "name": "A"}).status_code == 201


def test_a_new_address_holds_once_its_link_was_opened(site):
    user, _ = site.join("mina")
    site.services.link_office.answer(LinkWish(CHANGE, "new@example.org", "en", user_id=user))
    browser = Browser(site)
    assert "new@example.org" in browser.html(linked(site))
    assert site.feed.repository.user(user).email == "mina@example.org"
    browser.post(linked(site))
    assert site.feed.repository.user(user).email == "new@example.org"


def test_one_mailbox_gets_few_links_and_nobody_is_told(site):
    site.join("mina")
    browser = Browser(site)
    statuses = {browser.post("/login", email="mina@example.org").status_code for _ in range(LINKS_PER_EMAIL + 2)}
    assert statuses == {200}
    assert len(mails(site)) == LINKS_PER_EMAIL


def test_one_address_asks_for_so_many_links_an_hour(clock):
    site = empty(lambda: clock[0], {"per_hour": 2})
    browser = Browser(site)
    answers = [browser.post("/login", email=f"{n}@example.org") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    joining = site.app().test_client().post("/api/v1/users", json={"email": "a@b.org", "name": "A"})
    assert joining.status_code == 429 and "in an hour" in joining.json["detail"]
    clock[0] += 3_600_000
    assert browser.post("/login", email="4@example.org").status_code == 200


def test_outgoing_mail_is_for_administrators(site):
    _, token = site.join("mina")
    Browser(site).post("/login", email="mina@example.org")
    assert Browser(site).get("/outgoing-mail").status_code == 401
    assert Browser(site, token).get("/outgoing-mail").status_code == 403
    shown = Browser(site, site.token(None, ADMIN)).get("/outgoing-mail")
    assert shown.headers["Cache-Control"] == "no-store"
    assert linked(site) in shown.get_data(as_text=True)


def test_everybody_reads_outgoing_mail_only_where_a_setting_says_so(clock):
    site = empty(lambda: clock[0], {"show_mail": True})
    site.join("mina")
    browser = Browser(site)
    assert "/outgoing-mail" in browser.post("/login", email="mina@example.org").get_data(as_text=True)
    html = browser.html("/outgoing-mail")
    assert linked(site) in html and "Everybody may read this page" in html


def test_a_site_with_a_mail_server_keeps_no_mail(clock):
    site = sending(clock, show_mail=True)
    assert Browser(site, site.token(None, ADMIN)).get("/outgoing-mail").status_code == 404


@pytest.mark.parametrize("path", ["/login", "/logout", "/join"])
def test_a_form_of_another_site_logs_nobody_in_or_out(site, path):
    site.join("mina")
    browser = came_in(site)
    answer = browser.post(path, {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}, email="a@b.org", name="A")
    assert answer.status_code == 403
    assert name_shown(browser) == "mina"


def test_a_link_is_not_opened_by_a_form_of_another_site(site):
    site.join("mina")
    browser = Browser(site)
    browser.post("/login", email="mina@example.org")
    assert browser.post(linked(site), {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post(linked(site)).status_code == 303
