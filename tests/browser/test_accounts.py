"""Accounts in Chromium: coming in by a mailed link, leaving, and coming back."""

import re
import uuid

import pytest

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
