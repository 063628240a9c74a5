"""Tokens, and how a secret is recognised."""

import pytest

from riverline.accounts.tokens import REMEMBERED_SECONDS, Recognition, Refused, digest_of, new_token
from riverline.testing.memory_tokens import MemoryTokens

NOW = 1_760_000_000_000


class Gate:
    def __init__(self):
        self.now, self.seconds, self.asked = NOW, 0.0, 0
        self.tokens = MemoryTokens(now_ms=lambda: self.now)
        self.recognition = Recognition(self, lambda: self.now, lambda: self.seconds)

    def find(self, digest):
        self.asked += 1
        return self.tokens.find(digest)

    def give(self, **more):
        secret = new_token()
        return secret, self.tokens.add(
            digest_of(secret), more.get("user", 1), more.get("scopes", ()), "", more.get("ends")
        )


@pytest.fixture
def gate():
    return Gate()


def test_a_token_has_256_random_bits():
    one, other = new_token(), new_token()
    assert one != other
    assert len(one) == len("rvl_") + 43


def test_a_token_is_recognised(gate):
    secret, token = gate.give()
    assert gate.recognition.of(secret) == token


@pytest.mark.parametrize("secret", ["", "rvl_x", "\ud800", "x" * 100_000])
def test_what_is_no_token_is_refused(gate, secret):
    with pytest.raises(Refused, match="unknown"):
        gate.recognition.of(secret)


def test_a_token_ends_on_time_though_it_is_remembered(gate):
    secret, _ = gate.give(ends=NOW + 1000)
    gate.recognition.of(secret)
    gate.now += 1000
    with pytest.raises(Refused, match="expired"):
        gate.recognition.of(secret)


def test_a_revoked_token_is_refused_after_some_seconds(gate):
    secret, token = gate.give()
    gate.recognition.of(secret)
    gate.tokens.revoke(token.id)
    gate.seconds += REMEMBERED_SECONDS
    with pytest.raises(Refused, match="revoked"):
        gate.recognition.of(secret)


def test_the_store_is_asked_once_in_some_seconds(gate):
    secret, _ = gate.give()
    for _ in range(10):
        gate.recognition.of(secret)
    assert gate.asked == 1


def test_a_token_is_remembered_for_some_seconds_without_asking_the_store(gate):
    secret, token = gate.give()
    assert gate.recognition.remembered(secret) is None
    gate.recognition.of(secret)
    asked = gate.asked
    assert gate.recognition.remembered(secret) == token
    gate.seconds += REMEMBERED_SECONDS
    assert gate.recognition.remembered(secret) is None
    assert gate.asked == asked


def test_a_remembered_token_ends_on_time(gate):
    secret, token = gate.give(ends=NOW + 1000)
    gate.recognition.of(secret)
    assert gate.recognition.remembered(secret) == token
    gate.now += 1000
    assert gate.recognition.remembered(secret) is None


def test_a_secret_that_is_too_long_is_not_looked_for(gate):
    assert gate.recognition.remembered("rvl_" + "a" * 10_000) is None
