"""The whole API against its own description, over the in-memory stores: no 5xx, every answer as the schema says.

A short run, always the same cases; a long one is asked for with `HYPOTHESIS_CASES`.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from tests.unit.api.test_access import Town

CASES = int(os.environ.get("HYPOTHESIS_CASES", "8"))

town = Town(address_per_minute=0, token_per_minute=0)
USER, TOKEN = town.join("walker")
schema = schemathesis.openapi.from_wsgi("/openapi.json", town.app)


@pytest.mark.parametrize("token", ["", TOKEN, town.admin()], ids=["nobody", "user", "admin"])
@schema.parametrize()
@settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_every_answer_is_as_the_description_says(case, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = case.call(headers=headers)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    case.validate_response(
        answer,
        checks=CHECKS.get_by_names(
            ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]
        ),
    )
