"""Evaluates every sample, sends notifications, and keeps incidents in MySQL; none of that delays sampling."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import structlog

from riverline.monitoring.contracts import Incident, Incidents, Silence
from riverline.monitoring.sample import Sample
from riverline_monitor.notification_channels import Channel
from riverline_monitor.retry_queue import RetryQueue
from riverline_monitor.rule_evaluation import Key, Kind, Notification, Standing, evaluate, notifications_due, restored
from riverline_monitor.rules import RuleBook
from riverline_monitor.window import SampleWindow

log = structlog.get_logger(__name__)

REFRESH_MS = 10_000  # a silence is heeded within this
WAIT_MS = 30_000  # for what was open before a restart; without MySQL everything starts over then

Place = tuple[str, str, int]


class Alerting:
    """`judge` is called with every sample, on one thread."""

    def __init__(
        self,
        book: RuleBook,
        incidents: Incidents,
        channels: Sequence[Channel],
        repeat_seconds: float,
        patience: float = 3600.0,
    ) -> None:
        self._rules, self._incidents, self._repeat = book.rules, incidents, repeat_seconds
        self._window = SampleWindow(book.looks_back, book.whole)
        self._state: dict[Key, Standing] = {}
        self._silences: Sequence[Silence] = ()
        self._ways = [(channel, RetryQueue(channel.name, patience)) for channel in channels]
        self._store = RetryQueue("store")
        self._lock = threading.Lock()
        self._kept: dict[Place, Incident] = {}
        self._remembered: list[Incident] | None = None
        self._began: int | None = None
        self._asked_at = 0
        self.open: dict[str, int] = {}
        self._store.add("what was open", self._remember)

    def judge(self, sample: Sample) -> None:
        """One sample. Returns at once."""
        self._window.add(sample)
        if not self._ready(sample.at):
            return
        self._ask_for_silences(sample.at)
        before = self._state
        self._state = evaluate(self._rules, before, self._window, sample.bottleneck)
        self._state, notifications = notifications_due(self._state, self._silences, sample.at, self._repeat)
        self._keep(before, {_place(notification.incident) for notification in notifications})
        for notification in notifications:
            self._tell(notification)
        self._count()

    def close(self) -> None:
        """What waits to be sent gets some seconds."""
        for queue in (*(queue for _, queue in self._ways), self._store):
            queue.close()

    def _ready(self, at: int) -> bool:
        """Waits with judging, for a while, until it is known what was open."""
        if self._began is None:
            self._began = at
        with self._lock:
            known, self._remembered = self._remembered, None
        if known is not None and not self._state:
            self._resume(known, at)
            self._began = at - WAIT_MS
        return at - self._began >= WAIT_MS

    def _resume(self, known: Sequence[Incident], at: int) -> None:
        """What was open goes on; an end that was not sent is sent now; what no rule judges any more is over."""
        names = {rule.name for rule in self._rules}
        self._state = restored(incident for incident in known if incident.rule in names)
        self._kept = {_place(incident): incident for incident in known}
        for incident in known:
            over = replace(incident, until=incident.until or at, over_told=True)
            if incident.until is not None and incident.told is not None:
                self._tell(Notification(Kind.OVER, over))
            elif incident.until is not None or incident.rule not in names:
                self._write(over)

    def _remember(self) -> None:
        found = self._incidents.open()
        with self._lock:
            self._remembered = found

    def _ask_for_silences(self, at: int) -> None:
        if at - self._asked_at >= REFRESH_MS:
            self._asked_at = at
            self._store.add("silences", lambda: self._hear(at))

    def _hear(self, at: int) -> None:
        self._silences = self._incidents.silences(at)

    def _keep(self, before: dict[Key, Standing], telling: set[Place]) -> None:
        """Writes down what has begun or ended."""
        for key, standing in self._state.items():
            incident, known = standing.incident, before.get(key, Standing()).incident
            if incident and (known is None or known.since != incident.since or known.until != incident.until):
                # That it was told is written when it was: until then a restart tells it again.
                quiet_end = incident.over_told and _place(incident) not in telling
                self._write(replace(incident, told=known.told if known else None, over_told=quiet_end))

    def _tell(self, notification: Notification) -> None:
        for channel, queue in self._ways:
            queue.add(
                f"{notification.kind.value} {notification.incident.rule} {notification.incident.subject}",
                lambda channel=channel: channel.send(notification),  # type: ignore[misc]
                lambda: self._was_told(notification.incident),
            )

    def _was_told(self, incident: Incident) -> None:
        with self._lock:
            kept = self._kept.get(_place(incident), incident)
        self._write(replace(kept, told=incident.told, over_told=kept.over_told or incident.over_told))

    def _write(self, incident: Incident) -> None:
        with self._lock:
            self._kept[_place(incident)] = incident
            if incident.over_told:
                del self._kept[_place(incident)]
        self._store.add(f"incident {incident.rule}", lambda: self._incidents.save(incident))

    def _count(self) -> None:
        found: dict[str, int] = {}
        for standing in self._state.values():
            if standing.incident and standing.incident.until is None:
                found[standing.incident.severity] = found.get(standing.incident.severity, 0) + 1
        self.open = found


def _place(incident: Incident) -> Place:
    return incident.rule, incident.subject, incident.since
