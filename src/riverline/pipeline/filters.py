"""Which pages are filtered by their record alone, before parsing."""

from __future__ import annotations

from riverline.model import Page

GONE = frozenset({404, 410})  # a record with such a status says that its page is no more


def refusal(page: Page, body: bytes) -> str:
    """The reason of the fate `filtered:<reason>`, or nothing where the page may go on. `body`: the page's, packed or
    not."""
    if page.note:
        return page.note
    if page.status in GONE:
        return "gone"
    if page.status != 200:
        return f"status_{page.status}"
    if not body.strip():
        return "empty"
    return ""
