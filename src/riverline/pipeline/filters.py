"""Which pages are filtered by their record alone, before parsing."""

from __future__ import annotations

from riverline.model import Page

GONE = frozenset({404, 410})  # a record with such a status says that its page is no more


def refusal(page: Page, packed: bool = False) -> str:
    """The reason of the fate `filtered:<reason>`, or nothing where the page may go on. `packed`: its body is elsewhere,
    and says something."""
    if page.note:
        return page.note
    if page.status in GONE:
        return "gone"
    if page.status != 200:
        return f"status_{page.status}"
    if not packed and not page.body.strip():
        return "empty"
    return ""
