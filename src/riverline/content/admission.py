"""Which pages are not to be indexed, by what stands in their record already."""

from __future__ import annotations

from riverline.model import Page


def refusal(page: Page) -> str:
    """The reason of the fate `filtered:<reason>`, or nothing where the page may go on."""
    if page.note:
        return page.note
    if page.status != 200:
        return f"status_{page.status}"
    if not page.body.strip():
        return "empty"
    return ""
