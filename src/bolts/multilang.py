"""Storm's multilang protocol over MessagePack: the Python end of
jvm/topology/riverline/storm/MessagePackSerializer.java.

Importing this module puts it in pystorm's own table in the place of the serializer named `msgpack` (a private name:
pystorm is pinned). Output is collected and written when the component is about to block on input, or at once from any
other thread, or when there is much of it: one system call for many messages.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import msgpack
import pystorm.component
from pystorm.exceptions import StormWentAwayError
from pystorm.serializers.serializer import Serializer

# A stray print() would be read by Storm as a message and take down the whole worker. pystorm has its own handle by now;
# what C libraries and child processes print is turned away when the component is made.
sys.stdout = sys.stderr

STDOUT, STDERR = 1, 2
_CHUNK = 1 << 16  # bytes read at once: what a pipe holds; room for more would be asked of the system at each read
_LONGEST = 1 << 28  # bytes of a message at most
_COLLECT = 1 << 15  # bytes of output kept back at most
_IDLE = 0.1  # seconds that a read waits for from which on nothing can have been queued; Storm's writer takes less


class MessagePack(Serializer):
    """Reads and writes the pipes directly. `idle` is called when nothing has come for `idle_after` seconds, and again
    for as long as it says that something waits."""

    def __init__(self, input_stream: Any, output_stream: Any, reader_lock: Any, writer_lock: Any) -> None:
        super().__init__(input_stream, output_stream, reader_lock, writer_lock)
        self._in, self._out = input_stream.fileno(), _own(output_stream.fileno())
        # Its room grows with longer messages. By default it begins with a MiB, which an idle task takes hours to fill.
        self._unpacker = msgpack.Unpacker(read_size=_CHUNK, max_buffer_size=_LONGEST, strict_map_key=False)
        self._packer = msgpack.Packer()
        self._pending: list[bytes] = []
        self._size = 0
        self._main = threading.get_ident()
        self.idle: Callable[[], bool] | None = None
        self.idle_after = 0.02
        self.idle_at = time.monotonic()  # when it last had nothing to read

    def read_message(self) -> Any:
        for message in self._unpacker:
            return message
        while True:
            self._unpacker.feed(self._read())
            for message in self._unpacker:
                return message

    def send_message(self, msg: dict[str, Any]) -> None:
        data = self.serialize_dict(msg)
        with self._writer_lock:
            self._pending.append(data)
            self._size += len(data)
            if self._size > _COLLECT or threading.get_ident() != self._main:
                self.flush()

    def serialize_dict(self, msg: dict[str, Any]) -> bytes:
        packed: bytes = self._packer.pack(msg)
        return packed

    def flush(self) -> None:
        with self._writer_lock:
            data = memoryview(b"".join(self._pending))
            self._pending, self._size = [], 0
            try:
                while data:
                    data = data[os.write(self._out, data) :]
            except OSError as error:
                raise StormWentAwayError from error

    def _read(self) -> bytes:
        self.flush()
        began = time.monotonic()
        self._while_idle()
        with self._reader_lock:
            data = os.read(self._in, _CHUNK)
        if (now := time.monotonic()) - began > _IDLE:
            self.idle_at = now
        if not data:
            raise StormWentAwayError
        return data

    def _while_idle(self) -> None:
        waits = self.idle is not None
        while waits and self.idle and not select.select([self._in], [], [], self.idle_after)[0]:
            waits = self.idle()
            self.flush()


def _own(descriptor: int) -> int:
    """The pipe to Storm under a number that no library knows; what is printed to the usual one goes to the log."""
    if descriptor != STDOUT:
        return descriptor
    own = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    return own


pystorm.component._SERIALIZERS["msgpack"] = MessagePack
