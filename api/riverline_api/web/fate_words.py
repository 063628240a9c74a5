"""What became of a record, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from riverline.errors import Invalid
from riverline.model import Fate
from riverline.parsing.url import canonical
from riverline_api.web import i18n

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class FateText:
    """A fate, with what it means in a sentence."""

    fate: Fate
    name: str
    why: str


def described(say: Say, fate: Fate) -> FateText:
    """A fate with its sentence: the one that fits its outcome and reason best."""
    known = i18n.words("en")
    error = say(f"dead.{fate.reason}") if f"dead.{fate.reason}" in known else fate.error
    reason = "status" if fate.reason.startswith("status_") else fate.reason
    kinds = (
        f"{fate.outcome}_other" if fate.outcome == "indexed" and fate.of not in ("", fate.url) else "",
        f"{fate.outcome}_{reason}",
        f"{fate.outcome}_error" if error else "",
        fate.outcome,
    )
    kind = next(one for one in kinds if f"fate.{one}_why" in known)
    values = {"of": fate.of, "reason": fate.reason, "error": error, "stage": fate.stage}
    return FateText(fate, say(f"fate.{fate.outcome}"), say(f"fate.{kind}_why", **values, status=fate.reason[7:]))


def error_in_words(error: str) -> tuple[str, str]:
    """`reason: error` in the reader's language, with what was found in detail. Older letters have the detail alone."""
    reason, _, detail = error.partition(": ")
    known = f"dead.{reason}" in i18n.words("en")
    return (i18n.translate(i18n.language(), f"dead.{reason}"), detail) if known else (error, "")


def forms(typed: str) -> Iterator[str]:
    """The keys that an address may have, however much of it was typed: search shows it without scheme and `www.`."""
    text = typed.strip().rstrip("…")
    if not (bare := text.split("://", 1)[-1]):
        return iter(())
    schemes = dict.fromkeys([*([text] if "://" in text else []), f"https://{bare}", f"http://{bare}"])
    hosts = [one for url in schemes for one in (url, _other_host(url))]
    found = [form for url in hosts for form in (url, url.rstrip("/"), f"{url.rstrip('/')}/")]
    once: dict[str, None] = {}
    for form in found:
        try:
            once[canonical(form)] = None
        except Invalid:
            continue
    return iter(once)


def _other_host(url: str) -> str:
    """With `www.` where there is none, and without where there is."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.removeprefix('www.') if rest.startswith('www.') else 'www.' + rest}"
