"""The whole API against its own description, on the real servers and through nginx: no 5xx, every answer as it says.

What the stores in memory take, a server may refuse: a character, a length, a number. A short run; `make fuzz` is the
long one.
"""

from __future__ import annotations

import time

import httpx
import pytest
import schemathesis

from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.services import Services
from riverline.settings import Settings
from tests.support.schema import as_described, make_up, operations
from tests.unit.api.test_access import Town

OPERATIONS = operations(schemathesis.openapi.from_dict(Town().client.get("/openapi.json").json))


@pytest.fixture(scope="module")
def admin(services: Services) -> str:
    """An administrator's token."""
    secret = new_token()
    services.tokens.add(digest_of(secret), None, [ADMIN], "made up requests", None)
    return secret


@pytest.fixture
def user(stack: Settings) -> str:
    """The token of somebody new: the one before may have been made to delete herself."""
    person = {"email": f"walker-{time.time_ns():x}@example.org", "name": "산책"}
    joined = httpx.post(f"http://{stack.api.site}/api/v1/users", json=person, trust_env=False).raise_for_status()
    return str(joined.json()["token"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_the_description_says(name: str, user: str, admin: str, stack: Settings) -> None:
    tokens = {"nobody": "", "a user": user, "an administrator": admin}
    make_up(OPERATIONS[name], 3, lambda case: as_described(case, tokens, f"http://{stack.api.site}"))
