"""The feed, people and accounts as pages."""

import re

import pytest

from riverline.accounts.tokens import ADMIN
from riverline.errors import Transient
from tests.support.site import empty

HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PART = {**HERE, "HX-Request": "true"}
NOW = 1_760_000_000_000


class Browser:
    """A client that logs in as people do."""

    def __init__(self, site, token=""):
        self.client = site.app().test_client()
        if token:
            assert self.post("/login", token=token).status_code == 303

    def get(self, path, **headers):
        return self.client.get(path, headers={**HERE, **headers})

    def html(self, path, **headers):
        return self.get(path, **headers).get_data(as_text=True)

    def post(self, path, headers=HERE, **form):
        return self.client.post(path, data=form, headers=headers)


@pytest.fixture
def site():
    return empty(lambda: NOW)


def entries(html):
    return [int(found) for found in re.findall(r'id="post-(\d+)"', html)]


def test_whoever_is_not_logged_in_is_told_how(site):
    html = Browser(site).html("/feed")
    assert 'href="/login"' in html
    assert 'href="/join"' in html


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(site):
    _, token = site.join("mina")
    cookie = Browser(site).post("/login", token=token).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_over_https_the_cookie_is_sent_over_https_alone(site):
    _, token = site.join("mina")
    answer = Browser(site).post("/login", {**HERE, "X-Forwarded-Proto": "https"}, token=token)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_token_that_opens_nothing_is_said_to_be_unknown(site):
    answer = Browser(site).post("/login", token="rvl_wrong")
    assert answer.status_code == 422
    assert "not known" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_a_login_leads_to_no_other_site(site):
    _, token = site.join("mina")
    assert Browser(site).post("/login", token=token, back="//evil.example").headers["Location"] == "/feed"


def test_a_new_account_is_shown_its_token_and_is_in(site):
    browser = Browser(site)
    answer = browser.get(browser.post("/join", name="미나", email="mina@example.org").headers["Location"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = re.search(r"rvl_[\w-]+", answer.get_data(as_text=True))[0]
    assert "미나" in browser.html("/feed")
    assert token not in browser.html("/feed")


@pytest.mark.parametrize("given", [{"name": "", "email": "a@b.org"}, {"name": "A", "email": "nothing"}])
def test_an_account_that_cannot_be_is_explained_at_its_field(site, given):
    answer = Browser(site).post("/join", **given)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


def test_an_address_is_taken_once(site):
    Browser(site).post("/join", name="A", email="a@b.org")
    assert Browser(site).post("/join", name="B", email="a@b.org").status_code == 409


def test_logging_out_ends_it(site):
    browser = Browser(site, site.join("mina")[1])
    browser.post("/logout")
    assert 'href="/login"' in browser.html("/feed")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}, {"Origin": "null"}]
)
def test_a_form_of_another_site_does_nothing(site, headers):
    user, token = site.join("mina")
    browser = Browser(site, token)
    assert browser.post("/feed/posts", {"Accept": "text/html", **headers}, contents="evil").status_code == 403
    assert site.feed.repository.authored(user, 0, 10) == []


def test_a_form_of_this_site_is_known_by_its_origin_where_that_is_all_there_is(site):
    browser = Browser(site, site.join("mina")[1])
    assert browser.post("/feed/posts", {"Origin": "http://localhost"}, contents="x").status_code == 303


def test_the_cookie_opens_nothing_of_the_api(site):
    user, token = site.join("mina")
    assert Browser(site, token).get(f"/api/v1/posts?user_id={user}").status_code == 401


def test_a_feed_tells_why_each_entry_is_there(site):
    (mina, token), (jun, _), (star, _) = (site.join(name) for name in ("mina", "jun", "star"))
    site.feed.writer(site._later).set_influencer(star, True)
    site.deliver()
    site.follow(mina, jun)
    site.follow(mina, star)
    own, pushed, pulled = site.post(mina, "mine"), site.post(jun, "jun's"), site.post(star, "star's")
    html = Browser(site, token).html("/feed")
    assert entries(html) == [pulled, pushed, own]
    assert re.findall(r"<summary>(yours|following|popular author)", html) == ["popular author", "following", "yours"]


def test_a_post_is_shown_at_once_and_is_text(site):
    browser = Browser(site, site.join("mina")[1])
    answer = browser.post("/feed/posts", PART, contents="<script>x</script>", tags="#a, b a")
    html = answer.get_data(as_text=True)
    assert "<script>" not in html
    assert re.findall(r"#(\w+)</a>", html) == ["a", "b"]
    assert len(entries(browser.html("/feed"))) == 1


def test_a_post_that_cannot_be_keeps_what_was_typed(site):
    answer = Browser(site, site.join("mina")[1]).post("/feed/posts", contents="kept", tags="x" * 51)
    assert answer.status_code == 422
    assert ">kept</textarea>" in answer.get_data(as_text=True)


def test_all_pages_together_are_the_whole_timeline(site):
    user, token = site.join("mina")
    there = [site.post(user, f"post {n}") for n in range(45)]
    browser, seen, path = Browser(site, token), [], "/feed"
    while path:
        html = browser.html(path)
        seen += entries(html)
        found = re.search(r'href="([^"]+)" rel="next" hx-get="([^"]+)"', html)
        path = found and found[2].replace("&amp;", "&")
    assert seen == there[::-1]


def test_new_posts_are_counted_and_then_fetched(site):
    (mina, token), (jun, _) = site.join("mina"), site.join("jun")
    site.follow(mina, jun)
    browser, old = Browser(site, token), site.post(jun, "old")
    assert browser.get(f"/feed/newer?than={old}").status_code == 204
    fresh = [site.post(jun, f"new {n}") for n in range(2)]
    assert "2 new posts" in browser.html(f"/feed/newer?than={old}")
    html = browser.html(f"/feed/fresh?than={old}")
    assert entries(html) == fresh[::-1]
    assert f"than={fresh[-1]}" in html


def test_more_new_posts_than_fit_make_the_page_anew(site):
    user, token = site.join("mina")
    first = site.post(user, "first")
    for n in range(25):
        site.post(user, str(n))
    browser = Browser(site, token)
    assert "More than 19" in browser.html(f"/feed/newer?than={first}")
    assert browser.get(f"/feed/fresh?than={first}").headers["HX-Redirect"] == "/feed"


def test_one_deletes_ones_own_posts_alone(site):
    (mina, token), (jun, _) = site.join("mina"), site.join("jun")
    own, other = site.post(mina, "mine"), site.post(jun, "jun's")
    browser = Browser(site, token)
    assert browser.post(f"/posts/{other}/delete").status_code == 403
    assert browser.post(f"/posts/{own}/delete").status_code == 303
    assert browser.get(f"/posts/{own}").status_code == 404
    assert browser.get(f"/posts/{other}").status_code == 200


def test_following_changes_the_feed_and_shows_on_both_profiles(site):
    (mina, token), (jun, _) = site.join("mina"), site.join("jun")
    post, browser = site.post(jun, "jun's"), Browser(site, token)
    answer = browser.post(f"/people/{jun}/follow", PART)
    assert f"/people/{jun}/unfollow" in answer.get_data(as_text=True)
    assert entries(browser.html("/feed")) == [post]
    assert f'href="/people/{jun}"' in browser.html(f"/people/{mina}/followings")
    assert re.findall(r'class="count">([^<]+)<', browser.html(f"/people/{jun}")) == ["1", "0", "1"]
    assert f'href="/people/{mina}"' in browser.html(f"/people/{jun}/followers")
    browser.post(f"/people/{jun}/unfollow")
    assert entries(browser.html("/feed")) == []


def test_nobody_posts_follows_or_deletes_without_a_token(site):
    user, _ = site.join("mina")
    post, browser = site.post(user, "x"), Browser(site)
    for path in ("/feed/posts", f"/posts/{post}/delete", f"/people/{user}/follow", f"/people/{user}/unfollow"):
        assert browser.post(path, contents="x").status_code == 401, path
    for path in ("/feed/more", "/feed/newer", "/feed/fresh"):
        assert browser.get(path).status_code == 401, path


def test_an_administrators_token_has_no_feed(site):
    browser = Browser(site, site.token(None, ADMIN))
    assert "no feed" in browser.html("/feed")
    assert browser.post("/feed/posts", contents="x").status_code == 403


def test_a_token_that_was_revoked_is_forgotten(site):
    site.join("mina")
    browser = Browser(site)
    browser.client.set_cookie("riverline_token", "rvl_gone")
    answer = browser.get("/feed")
    assert answer.status_code == 200
    assert "riverline_token=;" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/posts/0", "/people/999", "/people/99999999999999999999", "/absent"])
@pytest.mark.parametrize(("language", "text"), [("ko", "페이지를 찾을 수 없습니다"), ("en", "Page not found")])
def test_what_is_not_there_is_said_in_the_readers_language(site, path, language, text):
    answer = Browser(site).get(path, **{"Accept-Language": language})
    assert answer.status_code == 404
    assert text in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)


def test_programs_get_problems_of_the_same_addresses(site):
    answer = Browser(site).client.get("/absent", headers={"Accept": "*/*"})
    assert answer.content_type == "application/problem+json"


def test_a_page_asked_for_too_often_says_how_long_to_wait():
    browser = Browser(empty(lambda: NOW, address_per_minute=1))
    browser.get("/people")
    answer = browser.get("/people")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] in re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))


def test_a_server_that_is_away_is_a_page_too(site, monkeypatch):
    def away(*_):
        raise Transient("MySQL at 10.0.0.7: away")

    monkeypatch.setattr(site.feed.repository, "people", away)
    answer = Browser(site).get("/people")
    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.get_data(as_text=True)
    assert "Retry-After" in answer.headers


def test_an_error_of_ours_is_a_page_without_its_cause(site, monkeypatch):
    monkeypatch.setattr(site.feed.repository, "people", lambda *_: 1 / 0)
    answer = Browser(site).get("/people")
    assert answer.status_code == 500
    assert "division" not in answer.get_data(as_text=True)


def test_joining_survives_a_reload(site):
    browser = Browser(site)
    answer = browser.post("/join", name="Sol", email="sol@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/joined")
    secret = browser.client.get_cookie("riverline_joined", path="/joined").value
    for _ in range(2):
        page = browser.get("/joined")
        assert secret in page.get_data(as_text=True) and page.headers["Cache-Control"] == "no-store"
    browser.client.delete_cookie("riverline_joined", path="/joined")
    assert browser.get("/joined").headers["Location"] == "/feed"
    assert Browser(site).get("/joined").headers["Location"] == "/feed"


def test_tags_in_a_text_count_as_tags(site):
    me, token = site.join("mina")
    Browser(site, token).post("/feed/posts", contents="Along the #river with @jun #한강", tags="한강 walk")
    [post] = site.feed.repository.authored(me, 0, 9)
    assert list(post.tags) == ["한강", "walk", "river"]
    html = Browser(site).html(f"/people/{me}")
    assert '<a href="/?tag=river">#river</a>' in html and '<a href="/people?q=jun">@jun</a>' in html


def test_a_long_post_is_folded(site):
    me, _ = site.join("mina")
    site.post(me, "word " * 300)
    assert "<summary>… Show all</summary>" in Browser(site).html(f"/people/{me}")


def test_people_are_found_by_name(site):
    for n in range(25):
        site.join(f"walker{n:02}")
    site.join("Jun Park")
    html = Browser(site).html("/people?q=park")
    assert "Jun Park" in html and "walker" not in html
    browser = Browser(site)
    [following] = re.findall(r'href="([^"]+)" rel="next"', browser.html("/people?q=walk"))
    assert len(re.findall(r"walker\d\d</span>", browser.html(following.replace("&amp;", "&")))) == 5
    assert "Nobody&#39;s name begins with “zzz”" in Browser(site).html("/people?q=zzz")


def test_deleting_can_be_called_off(site):
    me, token = site.join("mina")
    site.post(me, "hello")
    assert "data-close>No, keep it</a>" in Browser(site, token).html("/feed")
