"""Pages are read in separate processes, so that none holds up the crawler: a process whose page takes too long is
killed, and the page has no links."""

from __future__ import annotations

import asyncio
import contextlib
import select
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, cast

import psutil

from riverline.model import Page
from riverline.parsing.limits import SECONDS
from riverline_crawler.reading.page_reading import PageReading
from riverline_crawler.reading.reader import Request, receive, send

PROCESSES = 2
MOST_CPU = 2 * SECONDS  # seconds of processor time for a page; a process stops itself after half of them, if it can
MOST_TIME = 120.0  # seconds for a page, however little a loaded machine gives its reader
LOOK = 0.5  # seconds between two looks at a page that is being read


class ReaderPool:
    """Reads pages side by side. The processes start when they are first needed."""

    def __init__(self, processes: int = PROCESSES, most_cpu: float = MOST_CPU, most_time: float = MOST_TIME) -> None:
        self._threads = ThreadPoolExecutor(processes, "reader")
        self._limits = (most_cpu, most_time)
        self._own = threading.local()
        self._all: set[_Reader] = set()

    async def read(self, page: Page, keywords: bool = False) -> PageReading:
        """What a page says, as far as the limits allow: then `problem` says which one was met."""
        if not page.body:
            return PageReading()
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, page, keywords)

    def close(self) -> None:
        """Ends the processes."""
        for reader in list(self._all):
            reader.kill()
        self._threads.shutdown(cancel_futures=True)

    def _read(self, page: Page, keywords: bool) -> PageReading:
        """In a thread of the pool, each of which has a process of its own."""
        reader: _Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = _Reader()
            self._all.add(reader)
        reading = reader.read(page, keywords, *self._limits)
        if reading.problem in (TOO_SLOW, UNREADABLE):
            reader.kill()
            self._all.discard(reader)
            self._own.reader = None
        return reading


TOO_SLOW, UNREADABLE = "too_slow_to_read", "unreadable"


class _Reader:
    """One process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "riverline_crawler.reading.reader"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._seen = psutil.Process(self._process.pid)
        self._in, self._out = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)

    def read(self, page: Page, keywords: bool, most_cpu: float, most_time: float) -> PageReading:
        """Blocks until the page is read, or the process is beyond its limits or dead."""
        begun, used = time.monotonic(), self._cpu()
        try:
            send(self._in, Request(page.packed(), keywords).packed())
            while not select.select([self._out], [], [], LOOK)[0]:
                if self._cpu() - used > most_cpu or time.monotonic() - begun > most_time:
                    return PageReading(problem=TOO_SLOW)
            blob = receive(self._out)
        except OSError:
            blob = b""
        return PageReading.unpacked(blob) if blob else PageReading(problem=UNREADABLE)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()

    def _cpu(self) -> float:
        """Seconds of processor time so far; those of a process that is gone are no more."""
        try:
            times = self._seen.cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system
