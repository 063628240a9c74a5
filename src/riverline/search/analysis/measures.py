"""Numbers with units, as Latin and Korean letters write them: `256GB`, `256 기가` and `256기가바이트` are one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNITS = (
    *(("kg", "킬로그램", "킬로"), ("g", "그램"), ("mg", "밀리그램"), ("l", "리터"), ("ml", "밀리리터")),
    *(("km", "킬로미터"), ("m", "미터"), ("cm", "센티미터", "센티"), ("mm", "밀리미터")),
    *(("tb", "테라바이트", "테라"), ("gb", "기가바이트", "기가"), ("mb", "메가바이트", "메가"), ("kw", "킬로와트")),
    *(("%", "퍼센트", "프로"), ("°c", "℃", "도")),
)
_OTHERS = {unit: [other for other in same if other[0].isalpha()] for same in UNITS for unit in same}
_MEASURE = re.compile(rf"(\d[\d,]*(?:\.\d+)?)({'|'.join(map(re.escape, sorted(_OTHERS, key=len, reverse=True)))})?")


def alternatives(words: Sequence[str]) -> dict[str, list[str]]:
    """For the words of each number with its unit, which may be one or two: the same with the unit's other names."""
    found: dict[str, list[str]] = {}
    for place, word in enumerate(words):
        measured = _MEASURE.fullmatch(word.lower())
        if not measured:
            continue
        number, unit = measured.groups()
        own = [word]
        if not unit and place + 1 < len(words):
            unit = words[place + 1].lower()
            own.append(words[place + 1])
        others = [f"{number}{other}" for other in _OTHERS.get(unit, ()) if other != unit]
        for one in own if others else ():
            found.setdefault(one, []).extend(others)
    return found
