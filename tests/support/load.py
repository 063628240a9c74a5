"""A steady load of pages, each with a text of its own, written to Kafka as the crawler writes them."""

from __future__ import annotations

import random
import threading
import time

from riverline.adapters.kafka.log import KafkaLog
from riverline.model import Page
from riverline.pipeline.contracts import topic_of

HANGUL = [chr(code) for code in range(0xAC00, 0xAC00 + 2000)]


def page(host: str, number: int) -> Page:
    """Page `number` of a host: always the same one, and no other like it."""
    chance = random.Random(f"{host}/{number}")
    words = ["".join(chance.choices(HANGUL, k=chance.randint(2, 4))) for _ in range(120)]
    paragraphs = "".join(f"<p>{' '.join(words[at : at + 30])}.</p>" for at in range(0, 120, 30))
    title = " ".join(words[:4])
    html = (
        f"<html lang=ko><head><meta charset=utf-8><title>{title}</title></head>"
        f"<body><nav><a href=/>처음</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
    url = f"http://{host}/page/{number}"
    fetched_at = time.time_ns() // 1_000_000
    return Page(url, url, html.encode(), content_type="text/html", charset="utf-8", fetched_at=fetched_at)


class Load(threading.Thread):
    """Appends so many pages a second until it is told to stop; `acknowledged` are the URLs that the brokers have."""

    def __init__(self, log: KafkaLog, name: str, rate: float, sites: int = 4) -> None:
        super().__init__(name="load", daemon=True)
        self.log, self.rate = log, rate
        self.hosts = [f"{name}-{site}.chaos.example" for site in range(sites)]
        self.acknowledged: list[str] = []
        self.given_up: list[Exception] = []
        self._stopped = threading.Event()

    @property
    def topics(self) -> list[str]:
        return [topic_of(host) for host in self.hosts]

    def run(self) -> None:
        number, began = 0, time.monotonic()
        while not self._stopped.is_set():
            self._append(page(self.hosts[number % len(self.hosts)], number))
            number += 1
            self._stopped.wait(max(0.0, began + number / self.rate - time.monotonic()))

    def _append(self, page: Page) -> None:
        def done(error: Exception | None) -> None:
            self.given_up.append(error) if error else self.acknowledged.append(page.key)

        self.log.append(topic_of(page.key.split("/")[2]), page, done)

    def end(self) -> None:
        """Stops, and waits until the brokers have all that was appended."""
        self._stopped.set()
        self.join()
        self.log.flush(120)
