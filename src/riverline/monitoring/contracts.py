"""The contract of the monitor's store: incidents, silences, and scaling actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Incident:
    """A rule's condition, from when it came true of a subject until it was over. Times are ms since 1970.

    Rule, subject and beginning tell one incident from all others. `told`: when it was last sent that it goes on;
    `over_told`: if its end was.
    """

    rule: str
    subject: str
    severity: str
    since: int
    value: float
    sentence: str
    until: int | None = None
    told: int | None = None
    over_told: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.rule, self.subject


@dataclass(frozen=True, slots=True)
class Silence:
    """Sends nothing of a rule until then; with a subject, nothing of this subject alone."""

    id: int
    rule: str
    subject: str
    until: int
    reason: str

    def covers(self, rule: str, subject: str, at: int) -> bool:
        return at < self.until and self.rule in (rule, "*") and self.subject in (subject, "")


@dataclass(frozen=True, slots=True)
class ScaleAction:
    """What was made larger or smaller, and why. `at`: ms since 1970."""

    at: int
    what: str  # a component of the topology, or `celery`
    before: int
    after: int
    reason: str
    outcome: str = "done"  # or the error


class Incidents(Protocol):
    """Thread-safe. Every call raises Transient while the server is away."""

    def save(self, incident: Incident) -> None:
        """Writes it, or its new state."""

    def open(self) -> list[Incident]:
        """Those that are not over, and those whose end was not sent, the oldest first."""

    def page(self, limit: int, before: int | None = None, going_on: bool = False) -> list[tuple[int, Incident]]:
        """Incidents with their ids, the newest first, from below the id `before`; only those that go on if asked."""

    def silence(self, rule: str, subject: str, until: int, reason: str) -> Silence:
        """A new silence; `*` stands for all rules."""

    def silences(self, at: int) -> list[Silence]:
        """Those that last longer than `at`."""

    def unsilence(self, silence_id: int) -> None:
        """Ends a silence. Raises NotFound."""

    def note(self, action: ScaleAction) -> None: ...

    def actions(self, since: int, until: int) -> Sequence[ScaleAction]:
        """Those of that time, the oldest first."""
