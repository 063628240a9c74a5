"""What the tasks about accounts do, over in-memory stores."""

import pytest

from riverline.accounts.contracts import LoginLink
from riverline.accounts.tokens import digest_of
from riverline.adapters.smtp import SmtpMailer
from riverline.errors import Transient
from riverline_tasks import accounts
from tests.support.site import empty

NOW = 1_760_000_000_000


@pytest.fixture
def site(monkeypatch):
    made = empty(lambda: NOW)
    monkeypatch.setattr(accounts, "services", lambda: made.services)
    return made


def test_a_link_is_mailed(site):
    accounts.mail_link("login", "mina@example.org", "ko")
    [mail] = site.services.kept_mail.newest()
    assert (mail.to, mail.subject) == ("mina@example.org", "Riverline 계정이 없습니다")


def test_an_address_that_nobody_can_send_to_is_not_tried_again(site):
    site.services.__dict__["mailer"] = SmtpMailer("127.0.0.1:1", "riverline@example.org")
    accounts.mail_link("login", "a,b@example.org", "en")
    with pytest.raises(Transient):
        accounts.mail_link("login", "ab@example.org", "en")


def test_a_mail_server_that_is_away_is_tried_again(site):
    class Away:
        def send(self, *_):
            raise Transient("away")

    site.services.__dict__["mailer"] = Away()
    with pytest.raises(Transient):
        accounts.mail_link("login", "mina@example.org", "en")


def test_links_and_sessions_that_are_over_are_forgotten(site):
    user, _ = site.join("mina")
    for name, end in (("over", NOW), ("kept", NOW + 1)):
        site.services.links.add(LoginLink(digest_of(name), "login", "mina@example.org", end, user))
        site.sessions.begin(digest_of(name), user, None, end)
    assert accounts.forget_logins() == 2
    assert site.services.links.find(digest_of("kept"), NOW) and site.sessions.find(digest_of("kept"), NOW)
