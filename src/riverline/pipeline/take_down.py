"""Taking documents and whole sites out of the index, and keeping them out.

Pages that wait in Kafka, replays and crawlers bring documents back; they are removed again within a minute, until the
take-down is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence

from riverline.accounts.contracts import TakeDowns, TakenDown
from riverline.errors import Invalid, Transient
from riverline.search.contracts import DocumentStore

DOCUMENT, SITE = "document", "site"


class TakeDownOffice:
    """`own_site`: the name under which this site's posts are found, which are removed one by one."""

    def __init__(self, index: DocumentStore, take_downs: TakeDowns, own_site: str) -> None:
        self._index, self._take_downs, self._own_site = index, take_downs, own_site

    def check(self, kind: str, subject: str) -> None:
        """Raises Invalid for what is not taken down as a whole."""
        if kind == SITE and subject == self._own_site:
            raise Invalid("posts of this site are removed one by one, or with their authors")

    def take_down(self, kind: str, subject: str, reason: str) -> int | None:
        """From now on. Returns how many documents were removed; None where the index did not answer in time: then they
        are removed later. Raises Transient when it is not even held."""
        held = self._take_downs.add(kind, subject, reason)
        try:
            return self._remove([held])
        except Transient:
            return None

    def keep_down(self) -> int:
        """Removes what has come back. Returns how many documents that were."""
        held = self._take_downs.all()
        return self._remove(held) if held else 0

    def _remove(self, held: Sequence[TakenDown]) -> int:
        of = {kind: [one.subject for one in held if one.kind == kind] for kind in (SITE, DOCUMENT)}
        return self._index.take_down(of[SITE], of[DOCUMENT])
