"""The whole API against its own description, over the in-memory stores: no 5xx, every answer as the schema says.

A short run, always the same cases; a long one is asked for with `HYPOTHESIS_CASES`.
"""

import pytest
import schemathesis

from tests.support.schema import as_described, make_up, operations
from tests.unit.api.test_access import Town

town = Town(address_per_minute=0, token_per_minute=0)
_, TOKEN = town.join("walker")
TOKENS = {"nobody": "", "a user": TOKEN, "an administrator": town.admin()}
OPERATIONS = operations(schemathesis.openapi.from_wsgi("/openapi.json", town.app))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_the_description_says(name):
    make_up(OPERATIONS[name], 5, lambda case: as_described(case, TOKENS))
