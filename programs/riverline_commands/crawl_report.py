"""A crawl's output: a progress line while it runs, a table at the end, and the reasons for failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from rich.live import Live
from rich.text import Text

from riverline.model import Target
from riverline_commands.console import out, progress, table
from riverline_crawler.scheduling.fetch_item import Wait
from riverline_crawler.stats import CrawlStats, Report

TARGETS_SHOWN = 30
HOSTS_SHOWN = 2  # that wait
LINE_SECONDS = 5.0  # between two lines where there is no terminal
ALL_FINE, NOTHING_FETCHED, SOME_FAILED = 0, 1, 3
REASONS = {
    "name_not_resolved": "the name does not resolve",
    "connection_refused": "the connection was refused",
    "no_route": "there is no route to the host",
    "connection_lost": "the connection broke",
    "connection": "the connection failed",
    "tls": "the TLS handshake failed",
    "timeout": "no answer in time",
    "crawl_delay": "its robots.txt asks for a delay",
    "robots": "robots.txt forbids it",
    "robots_unreachable": "its robots.txt answers with an error, which forbids everything",
    "paused": "the host asked for a pause, or failed, a moment ago: try again later",
    "private_address": "the name resolves to a private address",
    "other_host": "it is on a host outside the target",
    "redirects": "it redirects endlessly",
    "redirect_loop": "it redirects to itself, as sites do that require a cookie",
    "redirect": "it redirects to an address outside the target",
    "bad_url": "it is not the address of a page",
    "not_found": "404, no such page",
    "gone": "410, the page is gone",
    "forbidden": "the site refuses it",
    "unread_type": "its type is not read",
    "quota": "today's quota of the YouTube API is used up",
    "needs_key": "without RIVERLINE_CRAWL__YOUTUBE_KEY only channels by /channel/UC… and playlists can be read",
    "kafka_refused": "Kafka rejected the record",
    "kafka_unavailable": "Kafka did not accept the record",
    "stopped": "the crawl was stopped first",
}

Show = Callable[[Report], None]


def exit_code(report: Report, targets: Sequence[Target]) -> int:
    """0: every target brought something; 1: none did; 3: some did."""
    failed = [target for target in targets if report.of(target.name).failed]
    if not failed:
        return ALL_FINE
    return NOTHING_FETCHED if len(failed) == len(targets) else SOME_FAILED


def said_while(json: bool) -> AbstractContextManager[Show]:
    """Says how far a crawl is, on the standard error: a line that changes on a terminal, else one every few seconds."""
    return _Line() if progress.is_terminal and not json else nullcontext(_Lines())


class _Line:
    """The line of progress on a terminal."""

    def __init__(self) -> None:
        self._live = Live(Text("starting"), console=progress, transient=True, auto_refresh=False)

    def __enter__(self) -> Show:
        self._live.start()
        return lambda report: self._live.update(Text(so_far(report)), refresh=True)

    def __exit__(self, *_: object) -> None:
        self._live.stop()


class _Lines:
    """A line every LINE_SECONDS."""

    def __init__(self) -> None:
        self._next_at = time.monotonic()

    def __call__(self, report: Report) -> None:
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + LINE_SECONDS
            progress.print(so_far(report), markup=False)


def so_far(report: Report) -> str:
    """How far a crawl is, and what it waits for."""
    total = report.total
    rate = total.fetched / report.seconds if report.seconds else 0.0
    done = (
        f"{report.seconds:.0f} s: {total.fetched} pages ({rate:.1f}/s), {total.acknowledged} in Kafka, "
        f"{sum(total.refused.values())} skipped, {sum(total.errors.values())} errors, {report.waiting} waiting"
    )
    shown = "; ".join(map(_wait, report.waits[:HOSTS_SHOWN]))
    more = f"; {len(report.waits) - HOSTS_SHOWN} more hosts" if len(report.waits) > HOSTS_SHOWN else ""
    return f"{done}: {shown}{more}" if shown else done


def _wait(wait: Wait) -> str:
    """`a.example 12 pages, 31 s, status_503`."""
    seconds = f", {wait.seconds:.0f} s" if wait.seconds >= 1 else ""
    return f"{wait.host} {wait.pages} pages{seconds} ({REASONS.get(wait.why, wait.why)})"


def print_report(report: Report, targets: Sequence[Target], json: bool) -> None:
    """The table on the standard output, unless it is left to JSON; what failed, and why, on the standard error."""
    if not json:
        _table(report, targets)
    for line in problems(report, targets):
        progress.print(line, markup=False, style="red")


def problems(report: Report, targets: Sequence[Target]) -> Iterator[str]:
    """A line for each start address that brought nothing, and for each target that failed for another reason."""
    for target in targets:
        counts = report.of(target.name)
        told = {url: reason for url, reason in counts.starts.items() if counts.failed or url in target.start_urls}
        for url, reason in told.items():
            yield f"{target.name}: {url}: {said(reason)}"
        if counts.failed and not told:
            found = "; ".join(f"{url}: {said(reason)}" for reason, url in counts.first.items())
            yield f"{target.name}: {found or 'no page was fetched'}"
    if exit_code(report, targets) == NOTHING_FETCHED:
        yield "nothing was fetched"


def said(reason: str) -> str:
    """A reason in words: `status_500` is `500`."""
    return REASONS.get(reason) or f"the answer is {reason.removeprefix('status_')}" if reason else ""


def _table(report: Report, targets: Sequence[Target]) -> None:
    columns = ("target", "pages", "in Kafka", "skipped", "other answers", "errors")
    shown = targets if len(targets) <= TARGETS_SHOWN else ()
    rows = [(target.name, *_cells(report.of(target.name))) for target in shown]
    table(columns, [*rows, (f"{len(targets)} targets", *_cells(report.total))])
    ended = "" if report.reason == "finished" else ", ended early"
    out.print(f"\n{len(report.topics)} topics, {report.seconds:.1f} s{ended}", markup=False)


def _cells(counts: CrawlStats) -> tuple[str, ...]:
    tables = (counts.refused, counts.answers, counts.errors)
    named = (", ".join(f"{count} {name}" for name, count in sorted(one.items())) for one in tables)
    return (str(counts.fetched), str(counts.acknowledged), *named)
