"""What is mailed to whom asks for a link, and how it is sent."""

import re

import pytest

from riverline.accounts.letters import LETTERS, letter
from riverline.accounts.links import CHANGE, JOIN, LOGIN, VALID_MINUTES, LinkOffice, LinkWish
from riverline.accounts.outgoing_mail import KEPT_SECONDS, MOST, KeptMail
from riverline.accounts.tokens import digest_of
from riverline.adapters.smtp import SmtpMailer, message
from riverline.errors import Invalid, NotFound, Transient
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_login_links import MemoryLoginLinks
from tests.support.receivers import MailReceiver

NOW = 1_760_000_000_000
SITE = "https://riverline.example"


class Post:
    """An office, and the mails that it sent."""

    def __init__(self):
        self.repository, self.links, self.mails = MemoryFeedRepository(), MemoryLoginLinks(), []
        self.office = LinkOffice(self.links, self.repository, self, lambda: NOW, SITE)
        self.mina = self.repository.create_user("mina@example.org", "Mina")

    def send(self, to, subject, text):
        self.mails.append((to, subject, text))

    def answered(self, *wish, **more):
        """The one mail that answers, and the link in it."""
        self.mails.clear()
        self.office.answer(LinkWish(*wish, **more))
        [(to, _, text)] = self.mails
        secret = re.search(rf"{re.escape(SITE)}/login/(\S+)", text)
        return to, text, self.links.find(digest_of(secret[1]), NOW) if secret else None


@pytest.fixture
def post() -> Post:
    return Post()


def test_who_has_an_account_gets_a_link_that_logs_in(post):
    to, _, link = post.answered(LOGIN, "MINA@example.org", "en")
    assert to == "MINA@example.org"
    assert (link.purpose, link.user_id, link.expires_at) == (LOGIN, post.mina.id, NOW + VALID_MINUTES * 60_000)


def test_who_has_none_is_told_so_in_the_mail_alone(post):
    to, text, link = post.answered(LOGIN, "sol@example.org", "en")
    assert (to, link) == ("sol@example.org", None)
    assert f"{SITE}/join" in text


def test_who_joins_gets_a_link_that_makes_the_account(post):
    _, _, link = post.answered(JOIN, "sol@example.org", "ko", name="솔")
    assert (link.purpose, link.user_id, link.name, link.email) == (JOIN, None, "솔", "sol@example.org")
    assert post.repository.user_by_email("sol@example.org") is None


def test_who_joins_again_gets_a_link_that_logs_in(post):
    _, _, link = post.answered(JOIN, "mina@example.org", "en", name="Another")
    assert (link.purpose, link.user_id, link.name) == (LOGIN, post.mina.id, "")


def test_a_new_address_is_confirmed_by_a_link_to_it(post):
    to, _, link = post.answered(CHANGE, "new@example.org", "en", user_id=post.mina.id)
    assert (to, link.purpose, link.user_id, link.email) == (
        "new@example.org",
        CHANGE,
        post.mina.id,
        "new@example.org",
    )


def test_an_address_of_somebody_else_gets_no_link(post):
    sol = post.repository.create_user("sol@example.org", "Sol")
    to, _, link = post.answered(CHANGE, "mina@example.org", "en", user_id=sol.id)
    assert (to, link) == ("mina@example.org", None)


def test_the_address_that_one_has_needs_no_mail(post):
    post.office.answer(LinkWish(CHANGE, "mina@example.org", "en", user_id=post.mina.id))
    assert post.mails == []


def test_an_account_that_was_deleted_meanwhile_gets_no_mail(post):
    post.links.add = lambda _: (_ for _ in ()).throw(NotFound("gone"))
    post.office.answer(LinkWish(LOGIN, "mina@example.org", "en"))
    assert post.mails == []


def test_every_letter_is_there_in_both_languages():
    kinds = {kind for kind, _ in LETTERS}
    assert {JOIN, LOGIN, CHANGE} <= kinds
    assert set(LETTERS) == {(kind, language) for kind in kinds for language in ("en", "ko")}
    for kind in kinds:
        assert letter(kind, "fr", "https://a.example/", 30) == letter(kind, "en", "https://a.example/", 30)
        assert "https://a.example/" in letter(kind, "ko", "https://a.example/", 30)[1]


def test_mail_of_a_site_without_a_mail_server_is_kept_for_as_long_as_its_links_open():
    clock, now = [0.0], [NOW]
    kept = KeptMail(MemoryKeyValue(lambda: clock[0]), lambda: now[0])
    for number in range(MOST + 3):
        now[0] = NOW + number
        kept.send("a@b.org", str(number), "text")
    assert [mail.subject for mail in kept.newest()] == [str(number) for number in range(MOST + 2, 2, -1)]
    clock[0] = KEPT_SECONDS + 1
    assert kept.newest() == []


def test_a_mail_goes_to_the_one_address_and_answers_no_absence():
    made = message("riverline@example.org", "mina@example.org", "로그인", "텍스트")
    assert (made["To"], made["Auto-Submitted"], made["Subject"]) == ("mina@example.org", "auto-generated", "로그인")


@pytest.mark.parametrize("to", ["a,b@c.org", "<a>@c.org", "a@b.org, c", "a;b@c.org"])
def test_an_address_that_is_none_or_several_gets_no_mail(to):
    with pytest.raises(Invalid):
        message("riverline@example.org", to, "x", "y")


def mailer(receiver) -> SmtpMailer:
    return SmtpMailer(receiver.address, "riverline@example.org")


def test_a_mail_is_handed_to_the_mail_server():
    with MailReceiver() as receiver:
        mailer(receiver).send("mina@example.org", "로그인", "https://riverline.example/login/x\n")
    [mail] = receiver.mails
    assert receiver.envelopes == [("riverline@example.org", ["mina@example.org"])]
    assert (mail["Subject"], mail.get_content().strip()) == ("로그인", "https://riverline.example/login/x")


@pytest.mark.parametrize(("refusal", "error"), [("550 nobody", Invalid), ("450 later", Transient)])
def test_a_refused_address_is_tried_again_only_if_that_can_help(refusal, error):
    with MailReceiver(refusal) as receiver, pytest.raises(error):
        mailer(receiver).send("mina@example.org", "x", "y")


def test_a_mail_server_that_is_away_is_tried_again():
    with MailReceiver() as receiver:
        away = mailer(receiver)
    with pytest.raises(Transient):
        away.send("mina@example.org", "x", "y")
