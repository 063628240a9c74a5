"""Accounts in Chromium: coming in by a mailed link, leaving, and coming back."""

import re
import uuid

import pytest

from riverline.accounts.tokens import digest_of
from tests.browser.conftest import begin, keep, serious

TEXTS = {
    "en": {"send": "Mail me a link", "in": "Log in", "out": "Log out", "sent": "Look into your mailbox"},
    "ko": {"send": "로그인 링크 받기", "in": "로그인", "out": "로그아웃", "sent": "메일함을 확인해 주세요"},
}


def mailed(place, to):
    """Where the link leads that was mailed there last."""
    mail = next(one for one in place.site.services.kept_mail.newest() if one.to == to)
    return re.search(r"/login/\S+", mail.text)[0]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_mailed_link_lets_one_in_and_back_in(visit, place, language, scripts):
    says, name = TEXTS[language], f"sol{uuid.uuid4().hex[:6]}"
    place.site.join(name)
    page = visit("/login", language, 360, java_script_enabled=scripts)
    for turn in range(2):
        page.fill("#email", f"{name}@example.org")
        page.get_by_role("button", name=says["send"]).click()
        page.get_by_role("heading", name=says["sent"]).wait_for()
        page.goto(mailed(place, f"{name}@example.org"))
        if scripts:
            keep(page, f"link-{language}")
            assert serious(page) == []
        page.get_by_role("button", name=says["in"], exact=True).click()
        page.wait_for_url("**/feed")
        assert page.get_by_role("link", name=name).count()
        page.get_by_role("button", name=says["out"]).click()
        page.wait_for_url("**/")
        page.goto("/feed")
        assert page.get_by_role("link", name=name).count() == 0, turn
        page.goto("/login")


def test_the_address_can_be_typed_at_once(visit, place):
    page = visit("/login", "en")
    begin(page, "nobody@example.org")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    keep(page, "link-sent")
    assert serious(page) == []


def test_a_used_link_says_so(visit, place):
    page = visit("/login/used", "ko", 360)
    assert page.get_by_role("heading").inner_text() == "더 이상 사용할 수 없는 링크입니다"
    assert serious(page) == []
    assert [text for text in visit.complaints if "404" not in text] == []
    visit.complaints.clear()


OWN = {
    "en": {
        "make": "Make a token", "revoke": "Revoke", "send": "Mail me a link", "confirm": "Mail me a link",
        "use": "Use this address",
        "all": "Log out everywhere", "delete": "Delete the account", "yes": "Yes, delete everything",
        "download": "Download everything", "login": "Log in",
    },
    "ko": {
        "make": "토큰 만들기", "revoke": "폐기", "send": "로그인 링크 받기", "confirm": "확인 링크 받기",
        "use": "이 주소 사용",
        "all": "모든 기기에서 로그아웃", "delete": "계정 삭제", "yes": "모두 삭제",
        "download": "모두 내려받기", "login": "로그인",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_account_is_looked_after_and_left(visit, place, language, scripts):
    says, name = OWN[language], f"mina{uuid.uuid4().hex[:6]}"
    _, token = place.site.join(name)
    page = visit("/account", language, 360, token=token, java_script_enabled=scripts)

    page.fill("#name", "laptop")
    page.get_by_role("button", name=says["make"]).click()
    secret = page.locator("#secret").inner_text()
    if scripts:
        keep(page, f"account-token-{language}")
        assert serious(page) == []
    assert place.site.tokens.find(digest_of(secret)).name == "laptop"
    page.get_by_role("listitem").filter(has_text="laptop").get_by_role("button").click()
    page.get_by_text("laptop").wait_for(state="detached")

    with page.expect_download() as download:
        page.get_by_role("link", name=says["download"]).click()
    assert download.value.suggested_filename == "riverline.json"

    page.fill("#email", f"new-{name}@example.org")
    page.get_by_role("button", name=says["confirm"]).click()
    page.get_by_role("heading").wait_for()
    page.goto(mailed(place, f"new-{name}@example.org"))
    page.get_by_role("button", name=says["use"]).click()
    page.get_by_text(f"new-{name}@example.org").wait_for()

    page.goto("/login")
    page.fill("#email", f"new-{name}@example.org")
    page.get_by_role("button", name=says["send"]).click()
    page.get_by_role("heading").wait_for()
    page.goto(mailed(place, f"new-{name}@example.org"))
    page.get_by_role("button", name=says["login"], exact=True).click()
    page.wait_for_url("**/feed")

    page.goto("/account")
    page.get_by_text(says["delete"]).click()
    page.get_by_role("button", name=says["yes"]).click()
    page.wait_for_url("**/")
    assert place.site.feed.repository.user_by_email(f"new-{name}@example.org") is None


def test_logging_out_everywhere_ends_the_other_browser_too(visit, place):
    name = f"jun{uuid.uuid4().hex[:6]}"
    place.site.join(name)
    pages = []
    for _ in range(2):
        page = visit("/login", "en", 360)
        page.fill("#email", f"{name}@example.org")
        page.get_by_role("button", name="Mail me a link").click()
        page.get_by_role("heading").wait_for()
        page.goto(mailed(place, f"{name}@example.org"))
        page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url("**/feed")
        pages.append(page)
    pages[0].goto("/account")
    pages[0].get_by_role("button", name="Log out everywhere").click()
    pages[0].wait_for_url("**/")
    for page in pages:
        page.goto("/feed")
        assert page.get_by_role("link", name=name).count() == 0
