"""Pictures for the pages: two-colour PNG files (ISO/IEC 15948) made by hand, coloured by their name."""

import struct
import zlib

WIDTH, HEIGHT = 640, 360


def png(name: str) -> bytes:
    """A 640 by 360 picture of diagonal bands; the same name gives the same bytes."""
    colour = zlib.crc32(name.encode()) & 0xFFFFFF
    palette = colour.to_bytes(3, "big") + (colour ^ 0x3F3F3F).to_bytes(3, "big")
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", PIXELS), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _pixels() -> bytes:
    # One bit a pixel, each row led by its filter type (0: none).
    return zlib.compress(b"".join(b"\0" + _row(row) for row in range(HEIGHT)))


def _row(row: int) -> bytes:
    return bytes(0xFF if (row // 24 + column // 3) % 2 else 0 for column in range(WIDTH // 8))


PIXELS = _pixels()
