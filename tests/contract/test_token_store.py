"""What the store of tokens does: the same suite for MySQL and for its in-memory twin."""

import uuid

import pytest

from riverline.accounts.tokens import digest_of, new_token
from riverline.errors import NotFound
from riverline.testing.memory_tokens import MemoryTokens

NOBODY = 1 << 40


class Place:
    """A store of tokens, and one user."""

    def __init__(self, tokens, user_id, delete_user):
        self.tokens, self.user_id, self.delete_user = tokens, user_id, delete_user


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def place(request) -> Place:
    if request.param == "memory":
        users = {1}
        return Place(MemoryTokens(users.__contains__), 1, lambda: users.remove(1))
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
    from riverline.adapters.mysql.tokens import MysqlTokens

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    repository = MysqlFeedRepository(mysql)
    user = repository.create_user(f"{uuid.uuid4().hex}@example.org", "Mina")
    return Place(MysqlTokens(mysql), user.id, lambda: repository.delete_user(user.id))


def test_a_token_is_found_by_its_digest_as_it_was_given(place):
    digest = digest_of(new_token())
    added = place.tokens.add(digest, place.user_id, ["admin"], "laptop", 1_900_000_000_000)
    found = place.tokens.find(digest)
    assert found == added
    assert (found.user_id, found.scopes, found.name) == (place.user_id, ("admin",), "laptop")
    assert (found.expires_at, found.revoked_at) == (1_900_000_000_000, None)


def test_an_unknown_digest_is_nobodys(place):
    assert place.tokens.find(digest_of(new_token())) is None


def test_a_token_of_a_user_who_does_not_exist_is_refused(place):
    with pytest.raises(NotFound):
        place.tokens.add(digest_of(new_token()), NOBODY, [], "", None)


def test_a_users_tokens_are_listed(place):
    mine = place.tokens.add(digest_of(new_token()), place.user_id, [], "", None)
    nobodys = place.tokens.add(digest_of(new_token()), None, ["admin"], "", None)
    assert place.tokens.all(place.user_id) == [mine]
    assert {mine.id, nobodys.id} <= {token.id for token in place.tokens.all()}


def test_a_revoked_token_stays_revoked_since_the_first_time(place):
    token = place.tokens.add(digest_of(new_token()), place.user_id, [], "", None)
    revoked = place.tokens.revoke(token.id)
    assert revoked.revoked_at is not None
    assert place.tokens.revoke(token.id) == revoked
    with pytest.raises(NotFound):
        place.tokens.revoke(NOBODY)


def test_tokens_go_with_their_user(place):
    digest = digest_of(new_token())
    place.tokens.add(digest, place.user_id, [], "", None)
    place.delete_user()
    assert place.tokens.find(digest) is None
