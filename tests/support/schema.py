"""The API against its own description: requests that are made up from it, and what every answer must be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

CASES = int(os.environ.get("HYPOTHESIS_CASES", "0"))  # of an operation; 0: a few, in `make test`
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


def as_described(case: Any, tokens: Mapping[str, str], site: str | None = None) -> None:
    """Sends a request to the site, or to the application that the description is of, with each token in turn, and
    with none where it is empty: to make a request up takes longer than to send it.

    Fails for a 5xx but 503, and for what is not described; the failure names whose token it was.
    """
    for whose, token in tokens.items():
        answer = case.call(base_url=site, headers={"Authorization": f"Bearer {token}"} if token else {})
        try:
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            case.validate_response(answer, checks=CHECKS.get_by_names(CHECKED))
        except Exception as failure:
            failure.add_note(f"asked as {whose}")
            raise
