"""The commands of a README, as a reader pastes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

INDENT = "    "


def blocks(text: str) -> list[str]:
    """Each run of indented lines is one paste; pictures, which stand between fences, are none."""
    found: list[list[str]] = [[]]
    for line in re.sub(r"```.*?```", "", text, flags=re.S).splitlines():
        if line.startswith(INDENT):
            found[-1].append(line.removeprefix(INDENT))
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]


def at(addresses: Mapping[str, str], block: str) -> str:
    """The block with other addresses in the place of the documented ones."""
    for documented, own in addresses.items():
        block = block.replace(documented, own)
    return block
