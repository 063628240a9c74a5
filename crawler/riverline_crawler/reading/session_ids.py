"""Session ids in addresses, recognised by what a site does with them: the same page comes under every value.

A parameter is taken for one on a host when pages did not change with its value, several times in a row. Then a page
that was read under one value is not asked for under others; no page is left out that was not read. By its name none is
taken for one: four talks of a conference may be `session_id=1` to `4`. Numbers and days are none, however alike their
pages are: those of a board are, whose posts were deleted. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import unquote_to_bytes

SHORTEST = 8  # characters of a value; shorter ones number pages
NUMBER = re.compile(r"[\d.:_-]{1,19}")  # of a page, or a day; longer ones are drawn by chance
ENOUGH = 5  # further values in a row under which pages were the same
MOST_PAGES = 500  # that are remembered of a parameter
MOST_PARAMETERS = 50  # of a target


@dataclass(slots=True)
class _Parameter:
    same: int = 0
    pages: dict[str, tuple[bytes, set[str]]] = field(default_factory=dict)  # by the rest of the key: digest, values


class SessionIds:
    """What was seen of the parameters of each target's hosts."""

    def __init__(self) -> None:
        self._parameters: dict[str, dict[tuple[str, str], _Parameter]] = {}

    def learn(self, key: str, body: bytes, target: str) -> None:
        """A page was read. That its links carry its own session id makes no difference; a body that was cut off says
        nothing."""
        for name, value, rest in _values(key) if body else ():
            known = self._parameters.setdefault(target, {})
            place = (_host(key), name)
            if place not in known and len(known) >= MOST_PARAMETERS:
                continue
            parameter = known.setdefault(place, _Parameter())
            digest = blake2b(body.replace(unquote_to_bytes(value), b"").replace(value.encode(), b"")).digest()
            before, values = parameter.pages.get(rest, (digest, set()))
            if values and value not in values:
                parameter.same = parameter.same + 1 if digest == before else 0
            if rest in parameter.pages or len(parameter.pages) < MOST_PAGES:
                parameter.pages[rest] = (digest, {*list(values)[:ENOUGH], value})

    def repeats(self, key: str, target: str) -> bool:
        """Whether an address is that of a page which was read under another session id."""
        known = self._parameters.get(target, {})
        for name, _, rest in _values(key):
            parameter = known.get((_host(key), name))
            if parameter and parameter.same >= ENOUGH and rest in parameter.pages:
                return True
        return False

    def forget(self, target: str) -> None:
        self._parameters.pop(target, None)


def _values(key: str) -> list[tuple[str, str, str]]:
    """Each parameter of a key whose value may be a session id: name, value, and the key without it."""
    place, question, query = key.partition("?")
    pairs = query.split("&") if question else []
    split = [pair.partition("=") for pair in pairs]
    return [
        (name, value, f"{place}?{'&'.join(pairs[:number] + pairs[number + 1 :])}")
        for number, (name, _, value) in enumerate(split)
        if len(value) >= SHORTEST and not NUMBER.fullmatch(value)
    ]


def _host(key: str) -> str:
    return key.split("/", 3)[2]
