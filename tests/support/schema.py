"""The API against its own description: requests that are made up from it, and what every answer must be."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

CASES = int(os.environ.get("HYPOTHESIS_CASES", "0"))  # of an operation; 0: a few, in `make test`
CHECKED = ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]


def operations(schema: Any) -> dict[str, Any]:
    """The operations of a description, by method and path."""
    return {each.ok().label: each.ok() for each in schema.get_all_operations()}


def make_up(operation: Any, few: int, send: Callable[[Any], None]) -> None:
    """Sends an operation's cases: those at every bound of its description, and so many made up ones, always the same;
    HYPOTHESIS_CASES asks for more.

    `schema.parametrize()` does the same, but makes all cases of all operations up while tests are collected: half of
    what collecting takes, in each process of pytest.
    """
    load_all_checks()
    chosen = settings(
        max_examples=CASES or few,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )

    @chosen
    def test(case: Any) -> None:
        send(case)

    build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=test,
        given_kwargs={},
        feedback=FeedbackSources(),
    )()


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
