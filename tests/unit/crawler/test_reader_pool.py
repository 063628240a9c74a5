"""Pages are read beside the crawler, and none takes longer than it may."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from riverline.model import Page
from riverline_crawler.reading.page_reading import PageReading, reading_of
from riverline_crawler.reading.reader_pool import TOO_SLOW, UNREADABLE, ReaderPool
from tests.support.slow_pdf import slow_pdf

SITE = "http://a.example/p"
PAGE = Page(
    SITE, SITE, "<p>도서관 library <a href=/x>x</a>".encode(), content_type="text/html", keywords=("library", "cat")
)


@pytest.fixture
def readers() -> Iterator[Callable[..., ReaderPool]]:
    made: list[ReaderPool] = []

    def make(*limits: float) -> ReaderPool:
        made.append(ReaderPool(2, *limits))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_page_is_read_as_it_would_be_here(readers: Callable[..., ReaderPool]) -> None:
    found = asyncio.run(readers().read(PAGE, keywords=True))
    assert found == reading_of(PAGE, keywords=True) == PageReading(("http://a.example/x",), words=("library",))


def test_a_page_without_a_body_needs_no_process() -> None:
    assert asyncio.run(ReaderPool().read(Page(SITE, SITE, b""))) == PageReading()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it may strike while memory is freed
def test_what_takes_too_long_stops_itself() -> None:
    begun = time.process_time()
    found = reading_of(slow_pdf(SITE), keywords=True, seconds=0.5)
    assert not found.words
    assert time.process_time() - begun < 5


async def beside(slow: Awaitable[PageReading], quick: Awaitable[PageReading]) -> tuple[PageReading, float, PageReading]:
    """Both at a time: what they give, and the longest that nothing else could run meanwhile, in s."""
    longest, last = 0.0, time.monotonic()
    task = asyncio.gather(slow, quick)
    while not task.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    one, other = task.result()
    return one, longest, other


def test_a_page_that_does_not_stop_ends_its_process_and_nobody_waits_for_it(readers: Callable[..., ReaderPool]) -> None:
    made = readers(2.0)

    async def all_of_it() -> tuple[PageReading, float, PageReading]:
        await asyncio.gather(made.read(PAGE), made.read(PAGE))  # both processes are there
        return await beside(made.read(slow_pdf(SITE), keywords=True), made.read(PAGE, keywords=True))

    slow, longest, quick = asyncio.run(all_of_it())
    assert slow.problem == TOO_SLOW
    assert quick.words == ("library",)
    assert longest < 2  # of which a loaded machine takes the most
    assert asyncio.run(made.read(PAGE)).links == ("http://a.example/x",)


def test_a_process_that_dies_is_replaced(readers: Callable[..., ReaderPool]) -> None:
    made = readers()

    async def killed() -> PageReading:
        await made.read(PAGE)
        for reader in made._all:
            reader._process.kill()
            reader._process.wait()
        return await made.read(PAGE)

    assert asyncio.run(killed()) in (PageReading(problem=UNREADABLE), reading_of(PAGE, keywords=False))
    found = [asyncio.run(made.read(PAGE)) for _ in range(2)]
    assert reading_of(PAGE, keywords=False) in found
