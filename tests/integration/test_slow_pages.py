"""Pages that are slow to read do not hold the crawler up."""

from itertools import pairwise

from riverline.model import Target
from tests.integration.crawling import crawled
from tests.support.slow_pdf import slow_pdf
from tests.support.small_web import html, served


def test_three_slow_pdfs_of_a_keyword_target_stop_nobody() -> None:
    pdf = 200, {"Content-Type": "application/pdf"}, slow_pdf("http://a.example/").body
    slow = {f"/{n}.pdf": pdf for n in range(3)}
    good = {f"/good/{n}": html(f"<p>good {n}") for n in range(20)}
    start = html("".join(f"<a href={path}>x</a>" for path in [*slow, *good]))
    with served({"/": start, **slow}) as one, served({"/": start, **good}) as other:
        judged = Target("judged", start_urls=(f"{one.address}/",), keywords=("lighthouse",), rate=50.0)
        plain = Target("plain", start_urls=(f"{other.address.replace('127.0.0.1', 'localhost')}/",), rate=5.0)
        found = crawled([judged, plain])
        times = [at for at, path in other.asked if path.startswith("/good/")]
    assert len(times) == 20
    assert max(later - earlier for earlier, later in pairwise(times)) < 5.0
    assert found.report.of("plain").fetched == 21
    assert found.report.of("judged").answers["no_keyword"] >= 1
    assert found.report.reason == "finished"
