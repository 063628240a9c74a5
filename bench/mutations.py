"""Broken pages through parse and tag: each must end as a document or as Invalid, within 5 CPU seconds.

    python -m bench.mutations 100000 [--archive DIR] [--seed N] [--account FILE]

Every page is one of the archive's, broken in one to three ways: flipped bits, cut off, tags nested and left open,
declared or written in the wrong charset, null bytes, doubled or shuffled parts, another data type. The seed makes a run
repeatable; what fails is printed with its number, so that it can be made again with --first N and a count of 1. With an
account, a run that was stopped goes on where it was, until the count is reached.
"""

import argparse
import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bench.extraction import FETCHED, read
from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.limits import deadline
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag

SLOWEST = 5.0  # CPU seconds a page may take; others on the machine must not count
HANGING = 60.0  # CPU seconds after which a page is given up
TOLD = 500  # pages between two lines of progress
CHARSETS = (
    "utf-8",
    "euc-kr",
    "shift_jis",
    "windows-1252",
    "utf-16",
    "utf-16-be",
    "gb18030",
    "iso-2022-jp",
    "utf-7",
    "x-unknown",
)
TYPES = (
    "text/html",
    "application/rss+xml",
    "text/xml",
    "text/plain",
    "application/json",
    "application/pdf",
    "",
    "image/png",
)
NESTED = (
    b"<div>",
    b"<b>",
    b"<table><tr><td>",
    b"<font>",
    b"<ul><li>",
    b"<a href=x>",
    b"<p><i>",
    b"<svg><g>",
    b"<select><option>",
    b"<form>",
)
Body = bytes


def flipped(body: Body, chance: random.Random) -> Body:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 10, 100, 1000))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncated(body: Body, chance: random.Random) -> Body:
    return body[: chance.randrange(1, len(body) + 1)]


def nested(body: Body, chance: random.Random) -> Body:
    at = chance.randrange(len(body))
    return body[:at] + chance.choice(NESTED) * chance.choice((10, 300, 10_000)) + body[at:]


def unclosed(body: Body, chance: random.Random) -> Body:
    kind = chance.choice((b"</div>", b"</p>", b"</a>", b"</script>", b"-->", b'"', b">"))
    return body.replace(kind, b"", chance.choice((1, 10, 100_000)))


def holed(body: Body, chance: random.Random) -> Body:
    start = chance.randrange(len(body))
    return body[:start] + body[start + chance.randrange(1, 5_000) :]


def doubled(body: Body, chance: random.Random) -> Body:
    start = chance.randrange(len(body))
    part = body[start : start + chance.randrange(1, 20_000)]
    return body[:start] + part * chance.choice((2, 10, 50)) + body[start:]


def nulled(body: Body, chance: random.Random) -> Body:
    return body.replace(
        chance.choice((b" ", b"e", b"<")), chance.choice((b"\0", b"\xff", b"\xf4\x90\x80\x80", b"&#0;&#x110000;")), 500
    )


def recoded(body: Body, chance: random.Random) -> Body:
    return body.decode("utf-8", "replace").encode(
        chance.choice(("utf-16", "utf-8-sig", "cp949", "utf-32", "shift_jis")), "replace"
    )


def lengthened(body: Body, chance: random.Random) -> Body:
    piece = chance.choice(
        (b"word ", b"1", b"2020-01-01 ", b"<p>", b"&amp;", b"a.b@c ", b"<br>", b"\n", "가".encode(), b" - | ", b"<!--")
    )
    at = chance.randrange(len(body))
    return body[:at] + piece * chance.choice((1_000, 50_000)) + body[at:]


MUTATIONS: tuple[Callable[[Body, random.Random], Body], ...] = (
    flipped, truncated, nested, unclosed, holed, doubled, nulled, recoded, lengthened,
)  # fmt: skip


def mutated(page: Page, chance: random.Random) -> Page:
    body = page.body
    for _ in range(chance.randint(1, 3)):
        body = chance.choice(MUTATIONS)(body, chance) or b" "
    charset = chance.choice(CHARSETS) if chance.random() < 0.2 else ""
    kind = chance.choice(TYPES) if chance.random() < 0.1 else page.content_type
    return replace(page, body=body, charset=charset, content_type=kind)


def outcome(page: Page) -> str:
    """`document`, `invalid:<reason>`, or `fault:<error>` with its traceback printed."""
    try:
        with deadline(HANGING):
            tag(parse(page), page, FETCHED).packed()
    except Invalid as error:
        return f"invalid:{error.reason}"
    except Exception as error:
        traceback.print_exc()
        return f"fault:{type(error).__name__}"
    return "document"


@dataclass
class Account:
    """How the pages from `first` to before `next` ended. Kept as JSON."""

    seed: str
    first: int = 0
    next: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0  # CPU seconds of one page
    slowest_page: int = -1
    cpu: float = 0.0  # seconds in sum

    def add(self, number: int, found: str, took: float) -> None:
        name = "slow" if took > SLOWEST else found
        self.counts[name] = self.counts.get(name, 0) + 1
        self.cpu += took
        if took > self.slowest:
            self.slowest, self.slowest_page = took, number
        self.next = number + 1

    @property
    def faults(self) -> int:
        return sum(count for name, count in self.counts.items() if name == "slow" or name.startswith("fault"))

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {name}" for name, count in Counter(self.counts).most_common())
        return (
            f"{self.next - self.first} mutated pages: {ends}\n"
            f"slowest: {self.slowest:.2f} CPU s (page {self.slowest_page}); {self.cpu:.0f} CPU s in sum"
        )


def begun(seed: str, first: int, file: Path | None) -> Account:
    """The account in the file if it is of this seed and beginning, else a new one."""
    if file and file.exists():
        account = Account(**json.loads(file.read_text()))
        if (account.seed, account.first) != (seed, first):
            raise SystemExit(f"{file} is the account of seed {account.seed} from page {account.first} on")
        return account
    return Account(seed, first, first)


def run(account: Account, end: int, pages: list[Page]) -> Iterator[None]:
    """Counts page after page."""
    for number in range(account.next, end):
        chance = random.Random(f"{account.seed}-{number}")
        page = mutated(pages[chance.randrange(len(pages))], chance)
        start = time.process_time()
        found = outcome(page)
        took = time.process_time() - start
        if found.startswith("fault") or took > SLOWEST:
            print(f"page {number}: {found} after {took:.1f} s, {page.url}, {len(page.body)} bytes", flush=True)
        account.add(number, found, took)
        yield


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("count", type=int)
    arguments.add_argument("--archive", type=Path, default=Path(os.environ.get("RIVERLINE_ARCHIVE", "archive")))
    arguments.add_argument("--seed", default="riverline")
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--account", type=Path, help="a file that keeps the count of a run that may be stopped")
    asked = arguments.parse_args()
    if not (asked.archive / "manifest.json").exists():
        print(f"There is no archive in {asked.archive}: give its folder with --archive.", file=sys.stderr)
        return 1
    account = begun(asked.seed, asked.first, asked.account)
    for _ in run(account, asked.first + asked.count, [sample.page for sample in read(asked.archive)]):
        if account.next % TOLD == 0:
            print(
                f"{account.next - account.first} pages, slowest {account.slowest:.2f} s, {account.faults} faults",
                flush=True,
            )
            save(account, asked.account)
    save(account, asked.account)
    print(account)
    return int(account.faults > 0)


def save(account: Account, file: Path | None) -> None:
    if file:
        whole = file.with_suffix(".new")
        whole.write_text(json.dumps(asdict(account)))
        whole.replace(file)  # a kill leaves the old account or the new one


if __name__ == "__main__":
    sys.exit(main())
