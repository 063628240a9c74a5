"""How many examples a law is tried with: few and always the same in every run, many and others with `make laws`."""

from __future__ import annotations

from hypothesis import settings


def examples(few: int, many: int) -> settings:
    """`many` where examples are drawn anew."""
    always_the_same = settings.get_current_profile_name() != "exploring"
    return settings(max_examples=few if always_the_same else many, deadline=None)
