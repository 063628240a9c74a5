"""What `bench.end_to_end` crawls, and its table."""

from __future__ import annotations

from bench.end_to_end import table
from bench.end_to_end_round import Web, part_of, parted

HOST = "0.end-to-end.example"


def asked(web: Web, path: str) -> tuple[bytes, bytes]:
    head, _, body = web._answer(f"http://{HOST}{path}").partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], body


def test_a_round_lists_as_many_pages_as_are_asked_for() -> None:
    web = Web([b"<p>one</p>"], [HOST])
    web.each = 3
    assert asked(web, "/r1/")[1].count(b"<li>") == 3
    assert web.answered == 0


def test_no_page_has_the_text_of_another_one() -> None:
    web = Web([b"<p>one</p>", b"one<br>two", b"one"], [HOST])
    web.each = 6
    bodies = {asked(web, f"/{run}/{number}")[1] for run in ("r1", "r2") for number in range(6)}
    assert len(bodies) == web.answered == 12 and web.bytes == sum(map(len, bodies))


def test_what_is_no_page_is_not_found() -> None:
    web = Web([b"<p>one</p>"], [HOST])
    assert {asked(web, path)[0] for path in ("/", "/r1/page", "/style.css")} == {b"HTTP/1.1 404 Not Found"}


def test_each_program_counts_for_one_line_of_the_table() -> None:
    lines = {
        "storm-supervisor ParseBolt": "topology, Python",
        "storm-supervisor worker": "topology, JVM",
        "kafka-2": "brokers",
        "elasticsearch": "elasticsearch",
        "storm-supervisor": "the rest",
        "redis-1": "the rest",
    }
    assert {program: part_of(program) for program in lines} == lines
    assert parted(dict.fromkeys(lines, 1.0))["the rest"] == 2.0


def round_(crawler: float, brokers: float) -> dict:
    return {"ms": {"crawler": crawler, "brokers": brokers}, "MiB": {"crawler": 100.0}, "rate": 50.0, "crawled": 60.0}


def test_the_table_has_medians_and_the_median_of_the_ratios() -> None:
    lines = table([[round_(5, 1), round_(6, 1), round_(9, 1)], [round_(10, 2), round_(10, 2), round_(10, 2)]])
    assert "| crawler | 6.00 | 10.00 | 0.60 |" in lines
    assert "| with brokers and index | 7.00 | 12.00 | 0.58 |" in lines
    assert "| elasticsearch | 0.00 | 0.00 | 0.00 |" in lines


def test_the_table_of_one_checkout_compares_nothing() -> None:
    assert "| crawler and topology | 6.00 |" in table([[round_(6, 1)]])
