"""What the code itself costs without servers: parsing, requests to the API, bodies of searches. It is CPU time, beside
that of another checkout.

    python -m bench.in_memory [--against CHECKOUT] [--archive DIR] [--case NAME]... [--rounds 5]

Both run in processes of their own, with the virtualenv of each, and take turns case by case: read the ratio. The
application stands around in-memory stores and is asked as a WSGI server asks it. Pages to parse are an archive's
(`bench/extraction.py`) and those that the load tests make.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

NOW = 1_760_000_000_000
PAGES = 96  # of the archive
SECONDS = 0.4  # of a measurement, at least
FORMER = {  # names that modules had before
    "riverline.parsing.parse": "riverline.text.parse",
    "riverline.parsing.tag": "riverline.text.tag",
    "riverline_api.app": "api.app",
}
Once = Callable[[], object]


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return importlib.import_module(FORMER[name])


class Caller:
    """Asks the guarded application, over and over."""

    def __init__(self) -> None:
        site = importlib.import_module("tests.support.site")
        self._made = site.empty(lambda: NOW, token_per_minute=10**9, address_per_minute=10**9)
        self._made.index.write([site._document(number, NOW) for number in range(60)], ())
        self._made.index.refresh()
        self.user, self.token = self._made.join("reader")
        author, _ = self._made.join("author")
        self._made.follow(self.user, author)
        for number in range(30):
            self._made.post(author, f"한강에서 자전거를 탔다 {number}", "한강")
        self._app = _module("riverline_api.app").create_app(self._made.services, None, {}, guarded=True)

    def get(self, path: str, query: str = "") -> Once:
        return self._asking({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}, b"")

    def post(self, path: str, body: dict[str, Any]) -> Once:
        sent = json.dumps(body).encode()
        asked = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "CONTENT_TYPE": "application/json"}
        return self._asking({**asked, "CONTENT_LENGTH": str(len(sent))}, sent)

    def _asking(self, asked: dict[str, Any], sent: bytes) -> Once:
        environ = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            **asked,
        }

        def started(status: str, headers: object, exc_info: object = None) -> None:
            assert status[0] == "2", status

        def once() -> None:
            answer = self._app({**environ, "wsgi.input": io.BytesIO(sent)}, started)
            b"".join(answer)
            getattr(answer, "close", lambda: None)()

        return once


def cases(archive: Path) -> Iterator[tuple[str, Callable[[], Once]]]:
    """Each case by its name, and what makes ready for it."""
    caller: list[Caller] = []

    def asked(make: Callable[[Caller], Once]) -> Callable[[], Once]:
        def ready() -> Once:
            if not caller:
                caller.append(Caller())
            return make(caller[0])

        return ready

    yield "parse made page", lambda: _parsed(_made_pages())
    if (archive / "manifest.json").exists():
        yield "parse and tag archive page", lambda: _parsed(_archived(archive))
    yield "search body", _bodies
    yield "cached search", asked(lambda one: one.get("/api/v1/search", "q=%ED%95%9C%EA%B0%95"))
    yield "suggest", asked(lambda one: one.get("/api/v1/search/suggest", "q=%ED%95%9C"))
    yield "GET posts", asked(lambda one: one.get("/api/v1/posts", f"user_id={one.user}"))
    yield "POST post", asked(lambda one: one.post("/api/v1/posts", {"user_id": one.user, "contents": "자전거"}))


def _bodies() -> Once:
    query = importlib.import_module("riverline.search.query")
    lines = (Path.cwd() / "demo" / "judgements" / "queries.jsonl").read_text("utf-8").splitlines()
    each = itertools.cycle([query.Query(json.loads(line)["text"]) for line in lines])
    return lambda: query.search_body(next(each), NOW)


def _made_pages() -> list[Any]:
    load = importlib.import_module("tests.support.load")
    return [load.page("load.example", number) for number in range(PAGES)]


def _archived(archive: Path) -> list[Any]:
    page = importlib.import_module("riverline.model").Page
    rows = json.loads((archive / "manifest.json").read_text("utf-8"))
    step = max(1, len(rows) // PAGES)
    return [
        page(row["url"], row["url"], gzip.decompress((archive / row["file"]).read_bytes()), "text/html", fetched_at=NOW)
        for row in rows[::step]
    ]


def _parsed(pages: list[Any]) -> Once:
    parse, tag = _module("riverline.parsing.parse").parse, _module("riverline.parsing.tag").tag
    invalid = importlib.import_module("riverline.errors").Invalid
    each = itertools.cycle(pages)

    def once() -> None:
        page = next(each)
        with contextlib.suppress(invalid):
            tag(parse(page), page, NOW)

    once.turns = len(pages)  # type: ignore[attr-defined]  # all of them, each time
    return once


def measured(once: Once) -> float:
    """CPU time of one, in µs."""
    turns, done = getattr(once, "turns", 50), 0
    start = time.process_time()
    while (taken := time.process_time() - start) < SECONDS:
        for _ in range(turns):
            once()
        done += turns
    return taken / done * 1e6


def subject(archive: Path) -> None:
    """Measures what it reads the name of, until there is no more to read."""
    makers, ready = dict(cases(archive)), {}
    for line in sys.stdin:
        name = line.strip()
        if name not in ready:
            ready[name] = makers[name]()
            measured(ready[name])
        print(measured(ready[name]), flush=True)


class Subject:
    """A process that measures a checkout."""

    def __init__(self, checkout: Path, archive: Path) -> None:
        program = (checkout / ".venv/bin/python", Path(__file__).resolve())
        command = [*map(str, program), "--subject", "--archive", str(archive)]
        path = {"PYTHONPATH": str(checkout), "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            command, cwd=checkout, env=os.environ | path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def measured(self, name: str) -> float:
        assert self._process.stdin and self._process.stdout
        print(name, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def compared(checkouts: list[Path], names: list[str], rounds: int, archive: Path) -> None:
    """Prints a line a case: the median of each checkout, in µs, and the median of the ratios of each round."""
    subjects = [Subject(one, archive) for one in checkouts]
    try:
        for name in names:
            found = [[one.measured(name) for one in subjects] for _ in range(rounds)]
            medians = [statistics.median(column) for column in zip(*found, strict=True)]
            shown = " ".join(f"{value:12.1f}" for value in medians)
            ratio = statistics.median(row[0] / row[-1] for row in found)
            print(f"{name:28}{shown}" + (f"{ratio:8.2f}" if len(checkouts) > 1 else ""), flush=True)
    finally:
        for one in subjects:
            one.end()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", type=Path, help="another checkout, with its virtualenv")
    parser.add_argument("--archive", type=Path, default=Path(os.environ.get("RIVERLINE_ARCHIVE", "archive")))
    parser.add_argument("--case", action="append", help="by default all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--subject", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    archive = options.archive.resolve()
    here = Path(__file__).resolve().parents[1]
    other = [options.against.resolve()] if options.against else []
    if options.subject:
        subject(archive)
    else:
        print(f"{'µs of CPU time':28}{'this':>12} " + ("{:>12}{:>8}".format("other", "ratio") if other else ""))
        compared([here, *other], options.case or [name for name, _ in cases(archive)], options.rounds, archive)


if __name__ == "__main__":
    main()
