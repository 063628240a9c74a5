"""What the stores of login links and sessions do: the same suite for MySQL and for their in-memory twins."""

import uuid
from dataclasses import replace

import pytest

from riverline.accounts.contracts import LoginLink
from riverline.accounts.tokens import digest_of, new_session, new_token
from riverline.errors import NotFound
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_login_links import MemoryLoginLinks
from riverline.testing.memory_sessions import MemorySessions
from riverline.testing.memory_tokens import MemoryTokens

NOW = 1_900_000_000_123
NOBODY = 1 << 40


class Place:
    """The stores, and one user."""

    def __init__(self, repository, tokens, links, sessions):
        self.repository, self.tokens, self.links, self.sessions = repository, tokens, links, sessions
        self.name = f"Mina {uuid.uuid4().hex[:8]}"
        self.user = repository.create_user(f"{uuid.uuid4().hex}@example.org", self.name).id

    def link(self, **more) -> LoginLink:
        made = LoginLink(digest_of(uuid.uuid4().hex), "login", "미나@example.org", NOW + 60_000, self.user)
        made = replace(made, **more)
        self.links.add(made)
        return made

    def session(self, user_id=None, token_id=None, ends=NOW + 60_000) -> str:
        digest = digest_of(new_session())
        self.sessions.begin(digest, user_id, token_id, ends)
        return digest

    def token(self, user_id, scopes=(), ends=None) -> int:
        return self.tokens.add(digest_of(new_token()), user_id, scopes, "", ends).id


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def place(request) -> Place:
    if request.param == "memory":
        repository = MemoryFeedRepository()
        tokens = MemoryTokens(lambda user_id: user_id in repository.users(0, 100))
        links = MemoryLoginLinks(lambda user_id: user_id in repository.users(0, 100))
        return Place(repository, tokens, links, MemorySessions(repository.user, tokens.all))
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
    from riverline.adapters.mysql.login_links import MysqlLoginLinks
    from riverline.adapters.mysql.sessions import MysqlSessions
    from riverline.adapters.mysql.tokens import MysqlTokens

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    return Place(MysqlFeedRepository(mysql), MysqlTokens(mysql), MysqlLoginLinks(mysql), MysqlSessions(mysql))


def is_over(place, digest, now=NOW) -> bool:
    try:
        place.links.find(digest, now)
    except NotFound:
        return True
    return False


def test_a_link_is_found_as_it_was_kept(place):
    link = place.link()
    joining = place.link(purpose="join", user_id=None, name="Sol 🌞")
    assert place.links.find(link.digest, NOW) == link
    assert place.links.find(joining.digest, NOW) == joining


def test_a_link_opens_once(place):
    link = place.link()
    assert place.links.use(link.digest, NOW) == link
    with pytest.raises(NotFound):
        place.links.use(link.digest, NOW)
    assert is_over(place, link.digest)


def test_a_link_has_an_end(place):
    link = place.link()
    assert not is_over(place, link.digest, NOW + 59_999)
    assert is_over(place, link.digest, NOW + 60_000)
    with pytest.raises(NotFound):
        place.links.use(link.digest, NOW + 60_000)


def test_an_unknown_link_opens_nothing(place):
    assert is_over(place, digest_of("unknown"))


def test_a_link_of_nobody_is_refused(place):
    with pytest.raises(NotFound):
        place.link(user_id=NOBODY)


def test_links_that_open_nothing_are_forgotten(place):
    kept, over = place.link(expires_at=NOW + 1), place.link(expires_at=NOW)
    assert place.links.forget(NOW) >= 1
    assert not is_over(place, kept.digest) and is_over(place, over.digest, NOW - 1)


def test_a_session_says_who_is_there(place):
    found = place.sessions.find(place.session(place.user), NOW)
    assert (found.user_id, found.name, found.token_id, found.scopes) == (place.user, place.name, None, ())


def test_a_session_of_a_token_has_its_scopes(place):
    token = place.token(None, ["admin"])
    found = place.sessions.find(place.session(None, token), NOW)
    assert (found.user_id, found.name, found.token_id, found.scopes) == (None, "", token, ("admin",))


def test_a_session_ends_at_its_time(place):
    digest = place.session(place.user)
    assert place.sessions.find(digest, NOW + 59_999)
    assert place.sessions.find(digest, NOW + 60_000) is None


def test_a_session_that_was_ended_is_over_at_once(place):
    digest, other = place.session(place.user), place.session(place.user)
    for _ in range(2):
        place.sessions.end(digest)
    assert place.sessions.find(digest, NOW) is None
    assert place.sessions.find(other, NOW)


def test_all_sessions_of_a_user_end_and_no_others(place):
    somebody = place.repository.create_user(f"{uuid.uuid4().hex}@example.org", "Sol").id
    mine, others = [place.session(place.user) for _ in range(2)], place.session(somebody)
    assert place.sessions.end_all(place.user) == 2
    assert [place.sessions.find(digest, NOW) for digest in mine] == [None, None]
    assert place.sessions.find(others, NOW)


def test_a_session_ends_with_its_token(place):
    expiring, revoked = place.token(place.user, ends=NOW + 1), place.token(place.user)
    first, second = place.session(place.user, expiring), place.session(place.user, revoked)
    assert place.sessions.find(first, NOW) and place.sessions.find(second, NOW)
    place.tokens.revoke(revoked)
    assert place.sessions.find(first, NOW + 1) is None
    assert place.sessions.find(second, NOW) is None


def test_sessions_and_links_go_with_their_user(place):
    session, link = place.session(place.user), place.link()
    place.repository.delete_user(place.user)
    assert place.sessions.find(session, NOW) is None
    assert is_over(place, link.digest)


def test_a_session_of_nobody_is_refused(place):
    with pytest.raises(NotFound):
        place.session(NOBODY)


def test_sessions_that_are_over_are_forgotten(place):
    kept, over = place.session(place.user, ends=NOW + 1), place.session(place.user, ends=NOW)
    assert place.sessions.forget(NOW) >= 1
    assert place.sessions.find(kept, NOW) and place.sessions.find(over, NOW - 1) is None
