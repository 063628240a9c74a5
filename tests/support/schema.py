"""The API against its own description: requests that are made up from it, and what every answer must be."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

CASES = int(os.environ.get("HYPOTHESIS_CASES", "0"))  # of an operation and a token; 0: a few, in `make test`
CHECKED = ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]


def made_up(few: int) -> settings:
    """So many requests of an operation, always the same ones; HYPOTHESIS_CASES asks for more."""
    return settings(
        max_examples=CASES or few,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )


def as_described(case: Any, token: str, site: str | None = None) -> None:
    """Sends a request to the site, or to the application that the description is of, with the token if it is not empty.

    Fails for a 5xx but 503, and for what is not described.
    """
    answer = case.call(base_url=site, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    case.validate_response(answer, checks=CHECKS.get_by_names(CHECKED))
