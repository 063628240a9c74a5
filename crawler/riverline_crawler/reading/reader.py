"""A process that reads pages for the crawler, one at a time: `python -m riverline_crawler.reading.reader`, started by
`reader_pool`.

It takes requests on the standard input and answers on the standard output: four bytes of length, then MessagePack. When
the crawler is gone, however it ended, the input ends, and so does this.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from typing import BinaryIO

from riverline.model import Packed, Page
from riverline_crawler.reading.page_reading import reading_of

LENGTH = struct.Struct(">I")
MOST_MEMORY = 2 << 30  # bytes of address space


@dataclass(frozen=True, slots=True)
class Request(Packed):
    """A page, packed, and whether its keywords are looked for."""

    page: bytes
    keywords: bool


def send(stream: BinaryIO, blob: bytes) -> None:
    stream.write(LENGTH.pack(len(blob)) + blob)
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """Empty when the other end is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    (length,) = LENGTH.unpack(head)
    blob = stream.read(length)
    return blob if len(blob) == length else b""


def main() -> None:
    """Serves until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawler's affair
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    while blob := receive(sys.stdin.buffer):
        request = Request.unpacked(blob)
        send(answers, reading_of(Page.unpacked(request.page), request.keywords).packed())


if __name__ == "__main__":
    main()
