"""Outgoing mail of a site that has no mail server: kept for as long as its links open something, to be read on a page.

Whoever reads it can log in as those whom it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from riverline.accounts.links import VALID_MINUTES
from riverline.contracts import KeyValue

MOST = 20
COUNT = "OUTGOING_MAIL_COUNT"
KEPT_SECONDS = VALID_MINUTES * 60
COUNT_SECONDS = 10 * KEPT_SECONDS


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    to: str
    subject: str
    text: str
    at: int
    number: int  # rises


class KeptMail:
    """The newest mails. Thread-safe if its store is."""

    def __init__(self, key_value: KeyValue, now_ms: Callable[[], int]) -> None:
        self._key_value, self._now_ms = key_value, now_ms

    def send(self, to: str, subject: str, text: str) -> None:
        """Keeps it, in the place of the oldest of `MOST`. Raises Transient."""
        [(_, number)] = self._key_value.counted({COUNT: 1}, 0, COUNT_SECONDS)
        kept = {"to": to, "subject": subject, "text": text, "at": self._now_ms(), "number": number}
        self._key_value.put(_place(number % MOST), orjson.dumps(kept), KEPT_SECONDS)

    def newest(self) -> list[OutgoingMail]:
        """The newest first. Raises Transient."""
        held = self._key_value.get([_place(number) for number in range(MOST)])
        mails = [OutgoingMail(**orjson.loads(each)) for each in held if each is not None]
        return sorted(mails, key=lambda mail: (mail.at, mail.number), reverse=True)


def _place(number: int) -> str:
    return f"OUTGOING_MAIL_{number}"
