"""Texts of Western Europe in the charsets of Macintosh and DOS: told from windows-1252 by what their letters and signs
stand beside. An `Ž` after a small letter, or a sign inside of a word, is none of a text that is read rightly.
"""

from __future__ import annotations

import re

OLD_MACHINES = ("mac-roman", "cp850", "cp437")
FEWEST = 4  # misplaced characters of windows-1252 from which on another charset is looked for
SLIPS = 0.05  # share of misplaced ones up to which a reading is right
SMALL = "àâäáãåæçèéêëìíîïñòóôöõøùúûüýÿœß"
LARGE = "ÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØÙÚÛÜÝŸŒ"
PLACED = re.compile(
    rf"[{SMALL}]|(?<![a-z{SMALL}])[{LARGE}]"  # letters, no capital after a small letter
    rf"|(?<=[A-Za-z{SMALL}{LARGE}])’(?=[A-Za-z{SMALL}{LARGE}])"
    r"|(?:^|(?<=[\s(\[>\"'—–-]))[“‘„«¿¡]|(?<![\s(\[])[”’»“…](?=$|[\s.,;:!?)\]<\"'»”’…—–/-])"
    r"|(?<=[\s>»”’])[–—•«»](?=[\s<])|(?<=[\w”’])—(?=[\w“‘])|(?<=\d)–(?=\d)"
    r"|(?<=\d)[°º€£ª²³½]|[€£§©](?=[\s\d])|(?<=\s)[€£©®™](?=\s)|(?<=\w)[®™](?!\w)|\xa0"
)
BEYOND = re.compile(r"[^\x00-\x7f]")


def of_old_machine(text: bytes) -> str:
    """The charset of Macintosh or DOS in which a text reads well that reads badly in windows-1252; "" for none."""
    count, misplaced = _misplaced(text, "cp1252")
    if misplaced < FEWEST or misplaced * 3 < count:
        return ""
    readings = [(_misplaced(text, name)[1], name) for name in OLD_MACHINES]
    least, name = min(readings, key=lambda reading: reading[0])
    return name if least <= SLIPS * count else ""


def _misplaced(text: bytes, name: str) -> tuple[int, int]:
    """How many characters of a reading are beyond ASCII, and how many of them stand where they do not belong."""
    read = text.decode(name, "replace")
    count = len(BEYOND.findall(read))
    return count, count - sum(not found[0].isascii() for found in PLACED.finditer(read))
