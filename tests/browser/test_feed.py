"""The feed: coming in, posting, following, new posts, paging, deleting."""

import uuid

from tests.browser.conftest import WAITED, begin, keep, serious
from tests.support.stack import awaited


def test_an_account_is_made_and_left_and_entered_again_with_the_keyboard_alone(visit):
    page, name = visit("/join", "en"), f"Sol {uuid.uuid4().hex[:6]}"
    begin(page, name)
    page.keyboard.press("Tab")
    page.keyboard.type(f"{uuid.uuid4().hex}@example.org")
    page.keyboard.press("Enter")
    secret = page.locator("#secret")
    secret.wait_for()
    token = secret.inner_text()
    keep(page, "joined")
    assert serious(page) == []
    page.get_by_role("button", name="Log out").press("Enter")
    page.wait_for_url("**/")
    page.get_by_role("link", name="Log in").press("Enter")
    page.wait_for_url("**/login")
    page.get_by_text("Log in with a token").press("Enter")
    page.get_by_label("Token").focus()
    page.keyboard.type(token)
    page.keyboard.press("Enter")
    page.wait_for_url("**/feed")
    assert page.get_by_role("link", name=name).count()
    assert page.get_by_text("It is quiet here.").count()


def test_a_wrong_token_is_said_at_the_field(visit):
    page = visit("/login", "en")
    page.get_by_text("Log in with a token").press("Enter")
    page.get_by_label("Token").focus()
    page.keyboard.type("rvl_wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.locator("#token").get_attribute("aria-invalid") == "true"
    assert serious(page) == []
    assert all("422" in text for text in visit.complaints)  # that the form came back is all that the console says
    visit.complaints.clear()


def test_a_post_appears_and_is_deleted(visit, place):
    page, text = visit("/feed", "en", token=place.user), f"Hello {uuid.uuid4().hex}"
    page.fill("#contents", text)
    page.fill("#tags", "river #walk")
    page.press("#contents", "Control+Enter")
    entry = page.locator("article", has_text=text)
    entry.wait_for()
    assert entry.get_by_role("link", name="#walk").count()
    assert page.locator("#contents").input_value() == ""
    entry.locator(".remove summary").press("Enter")
    entry.get_by_role("button", name="Yes, delete it").press("Enter")
    page.get_by_text("Post deleted.").wait_for()
    page.reload()
    assert page.locator("article", has_text=text).count() == 0


def test_why_an_entry_is_there_can_be_read(visit, place):
    page = visit("/feed", "en", token=place.user)
    page.locator(".why summary", has_text="popular author").first.click()
    assert page.get_by_text("very many followers").first.is_visible()


def test_new_posts_are_announced_and_brought(visit, place):
    page, text = visit("/feed", "en", token=place.user), f"News {uuid.uuid4().hex}"
    place.site.post(2, text)
    page.get_by_role("link", name="1 new post").click()
    page.locator("article", has_text=text).wait_for()
    assert page.locator(".pill").count() == 0
    assert page.locator("article").first.inner_text().count(text)


def test_older_posts_come_while_one_scrolls(visit, place):
    page = visit("/feed", "en", token=place.user)
    shown = page.locator("article").count()
    page.locator("#more").scroll_into_view_if_needed()
    awaited(lambda: page.locator("article").count() > shown, WAITED)
    names = page.locator("article").evaluate_all("all => all.map(one => one.id)")
    assert len(names) == len(set(names))


def test_following_is_one_press_and_keeps_the_focus(visit, place):
    user, token = place.site.join(f"walker{uuid.uuid4().hex[:6]}")
    page = visit("/people/2", "en", token=token)
    page.get_by_role("button", name="Follow Jun").press("Enter")
    page.get_by_role("button", name="Unfollow Jun").wait_for()
    assert page.evaluate("document.activeElement.id") == "follow-2"
    page.get_by_role("link", name="Followers").click()
    page.wait_for_url("**/followers")
    assert page.locator(f".people a[href='/people/{user}']").count()


def test_the_feed_needs_no_script(visit, place):
    page, text = visit("/feed", "en", token=place.user, java_script_enabled=False), f"Plain {uuid.uuid4().hex}"
    page.fill("#contents", text)
    page.get_by_role("button", name="Post", exact=True).click()
    assert page.locator("article", has_text=text).count() == 1
    page.get_by_role("link", name="Older posts").click()
    page.wait_for_url("**cursor=**")
    assert page.locator("article").count()
