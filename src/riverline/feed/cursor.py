"""Where a page of a list of ids ended, as an opaque string. It belongs to one list."""

from __future__ import annotations

import base64
import binascii
import struct
from hashlib import blake2b

from riverline.errors import Invalid

MOST = 1 << 53
_FORM = struct.Struct(">4sQ")


def encoded(last_id: int, of: str) -> str:
    """The cursor after that id. `of` names the list: `timeline:7`."""
    return base64.urlsafe_b64encode(_FORM.pack(_check(of), last_id)).rstrip(b"=").decode()


def decoded(cursor: str, of: str) -> int:
    """The id that the page before ended with. Raises Invalid for a cursor that is damaged or of another list."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, last_id = _FORM.unpack(raw)
    except (ValueError, binascii.Error, struct.error):
        raise Invalid("cursor is damaged: leave it out to start again") from None
    if check != _check(of):
        raise Invalid("cursor belongs to another list: leave it out to start again")
    if not 0 < last_id < MOST:
        raise Invalid("cursor is damaged: leave it out to start again")
    return int(last_id)


def _check(of: str) -> bytes:
    return blake2b(of.encode(), digest_size=4).digest()
