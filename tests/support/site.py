"""The pages around in-memory stores, with something in them: `python -m tests.support.site [PORT]`, no server needed.

It prints a user's token and an administrator's. Jobs are done at once.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, replace

from werkzeug.serving import make_server

from riverline.accounts.links import LinkWish
from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.feed.contracts import Job
from riverline.feed.feed import Feed
from riverline.model import Document, Fate, Origin, Page, Search, Target
from riverline.monitoring.contracts import Incident
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import NOW_KEY, Sample
from riverline.parsing.fingerprint import text_digest
from riverline.pipeline.contracts import Failure, LetterState
from riverline.services import Services
from riverline.settings import Settings
from riverline.stages import STAGES, StageState
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_audit_log import MemoryAuditLog, MemoryTakeDowns
from riverline.testing.memory_clicks import MemoryClicks
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_incidents import MemoryIncidents
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_login_links import MemoryLoginLinks
from riverline.testing.memory_sessions import MemorySessions
from riverline.testing.memory_stages import MemoryStages
from riverline.testing.memory_targets import MemoryTargets
from riverline.testing.memory_timelines import MemoryTimelines
from riverline.testing.memory_tokens import MemoryTokens
from riverline_api.app import create_app

DAY = 86_400_000
NAMES = {"harborgazette.example": "Harbor Gazette", "hangang-ilbo.example": "한강일보"}
TEXTS = (
    (
        "한강 자전거길, 여의도에서 뚝섬까지",
        "물가를 따라 이어지는 자전거길을 하루에 달리는 법.",
        "ko-KR",
        "hanok-travel.example",
    ),
    (
        "김치찌개 맛있게 끓이는 법",
        "잘 익은 김치와 돼지고기로 깊은 맛을 내는 김치찌개.",
        "ko-KR",
        "seoul-cooking.example",
    ),
    (
        "River walk: a morning on the quay",
        "Where the river bends, the old quay is quiet.",
        "en-GB",
        "harborgazette.example",
    ),
    (
        "River levels rise after the storm",
        "The council closes the lower path for a week.",
        "en-GB",
        "harborgazette.example",
    ),
    ("How a river carries sand", "Why bends move, and why islands come and go.", "en-US", "science.example"),
    ("기준금리 동결, 시장은 안도", "한국은행이 기준금리를 다시 동결했다.", "ko-KR", "hangang-ilbo.example"),
)


@dataclass
class Site:
    """The application, its stores, and who may do what."""

    services: Services
    feed: Feed
    index: MemoryIndex
    log: MemoryLog
    tokens: MemoryTokens
    clicks: MemoryClicks
    jobs: list
    sessions: MemorySessions

    def join(self, name: str) -> tuple[int, str]:
        """A new user, and a token."""
        user = self.feed.writer(self._later).create_user(f"{name}@example.org", name)
        return user.id, self.token(user.id)

    def token(self, user_id: int | None, *scopes: str) -> str:
        secret = new_token()
        self.tokens.add(digest_of(secret), user_id, scopes, "", None)
        return secret

    def post(self, user_id: int, contents: str, *tags: str) -> int:
        post = self.feed.writer(self._later).post(user_id, contents, tags, "ko-KR")
        self.deliver()
        return post.id

    def follow(self, one: int, other: int) -> None:
        self.feed.writer(self._later).follow(one, other)
        self.deliver()

    def deliver(self) -> None:
        """Does the jobs."""
        delivery = self.feed.delivery(PostDocuments(self.index, "site.example:80"), self._later)
        while self.jobs:
            delivery.run(self.jobs.pop(0))

    def _later(self, job: Job) -> None:
        self.jobs.append(job)

    def app(self):
        """The guarded application."""

        def send(name, *arguments):
            if name == "tasks.deliver":
                self.jobs.append(Job(*arguments))
                self.deliver()
            elif name == "tasks.record_search":
                self.index.record_search(Search(*arguments))
            elif name == "tasks.mail_link":
                self.services.link_office.answer(LinkWish(arguments[0], *arguments[1:]))
            elif name == "tasks.note_click":
                self.index.note_click(*arguments, self.services.now_ms())

        return create_app(self.services, send, {}, guarded=True)


def empty(now_ms=lambda: time.time_ns() // 1_000_000, accounts=None, **api) -> Site:
    """A site with nothing in it."""
    repository = MemoryFeedRepository(now_ms=now_ms)
    feed = Feed(repository, MemoryTimelines(), sleep=lambda _: None)

    def exists(user_id: int) -> bool:
        return user_id in repository.users(0, 1 << 20)

    index, log, tokens, clicks = MemoryIndex(), MemoryLog(), MemoryTokens(exists, now_ms), MemoryClicks()
    links, sessions = MemoryLoginLinks(exists), MemorySessions(repository.user, tokens.all)
    trail, take_downs = MemoryAuditLog(now_ms), MemoryTakeDowns(now_ms)
    targets, key_value = MemoryTargets(now_ms), MemoryKeyValue()
    incidents, stages = MemoryIncidents(), MemoryStages()
    limits = {"token_per_minute": 0, "address_per_minute": 0, **api}
    services = Services(
        Settings(api=limits, accounts={"per_hour": 0, "exports_per_hour": 0, **(accounts or {})}),
        index,
        log,
        now_ms,
        lambda: feed,
        lambda: targets,
        lambda: tokens,
        lambda: key_value,
        lambda: clicks,
        lambda: incidents,
        lambda: stages,
        MemoryDeadLetters,
        lambda: links,
        lambda: sessions,
        lambda: trail,
        lambda: take_downs,
    )
    return Site(services, feed, index, log, tokens, clicks, [], sessions)


def filled() -> Site:
    """A site with documents, people, fates and dead letters."""
    made = empty()
    now = made.services.now_ms()
    documents = [_document(n, now) for n in range(60)]
    videos = [_video(n, now) for n in range(3)]
    fates = [_fate(n, now) for n in range(80)]
    made.index.write([*documents, *videos], fates)
    made.index.refresh()
    for n in range(40):
        word = ("한강", "river", "김치찌개", "zzz", "자전거")[n % 5]
        made.index.record_search(Search(word, "", now - n * DAY // 6, 0 if word == "zzz" else 4, 3 + n % 40, f"s{n}"))
    for n in range(12):
        made.clicks.add(f"s{n}", documents[0].url, 1)
        made.index.note_click(f"s{n}", 1 + n % 3, now)
    _letters(made, now)
    _watched(made.services, now)
    _targets(made, now)
    return made


def _targets(made: Site, now: int) -> None:
    """A target after some rounds, one that waits for its next, and one that is paused."""
    targets = made.services.targets
    names = (("gazette", "http://127.0.0.1:1/"), ("hangang", "http://127.0.0.1:1/ko/"), ("old", "http://127.0.0.1:1/"))
    for name, url in names:
        targets.add(Target(name, start_urls=(url,), enabled=name != "old"))
    rounds = [{"at": now - n * DAY, "fetched": 12 * n, "unchanged": 80, "errors": 1, "seconds": 91.5} for n in (2, 1)]
    numbers = {"fetched": 12, "unchanged": 80, "errors": 1, "refused": 4, "waiting": 0}
    reasons = {"timeout": "http://127.0.0.1:1/slow (1)", "robots": "http://127.0.0.1:1/private/ (4)"}
    [first, *_] = targets.claim("crawler", 1)
    targets.release("crawler", [first.id], 3600 * 5, {**numbers, "reasons": reasons, "rounds": rounds})
    targets.add(Target("words", "search", ("http://127.0.0.1:1/?q={keyword}",), ("자전거",)))


def _letters(made: Site, now: int) -> None:
    """Dead letters in each state: those of 0 to 5 wait, and one each was sent again, settled and dismissed."""
    topic = "crawl.news.example"
    for n in range(9):
        page = _page(f"https://news.example/{'' if n < 6 else 'old-'}{n}", now)
        made.log.append(topic, page)
        made.log.bury(page, Failure(Origin(topic, 0, n), "parse", "broken_pdf: the PDF cannot be read", 1 + n, now - n))
    queue = made.services.dead_letters
    sent, settled, dismissed = queue.at([(0, 6), (0, 7), (0, 8)])
    list(queue.send_again([sent]))
    queue.catalogue.mark([settled], LetterState.SETTLED, now)
    queue.dismiss([dismissed])


def _watched(services: Services, now: int) -> None:
    """What the topology and the monitor would have said."""
    for task, name in enumerate(STAGES):
        counts = {"in": 1200, "done": 1190, "errors": task == 2, "retries": 0}
        services.stages.publish(StageState(name, task, now, counts=counts, rates={"in": 12.5, "done": 12.4}))
    servers = ("kafka", "elasticsearch", "mysql-primary", "redis-cluster", "nimbus", "topology")
    known = {"inflow": 12.5, "throughput": 12.4, **{f"up/{name}": 1.0 for name in servers}}
    services.key_value.put(NOW_KEY, Sample(now, known).packed(), 3600)
    recorder = HistoryRecorder(services.key_value)
    for n in range(120):
        values = {"inflow": 12 + n % 7, "throughput": 11 + n % 5, "lag": 40.0, "lag/crawl.news.example": n % 40}
        recorder.add(Sample(now - (120 - n) * 30_000, values))
    sentence = "3 dead letters a minute arrive. Find the cause.\n1분에 3건씩 처리에 실패하고 있습니다."
    services.incidents.save(Incident("dead_letters", "", "warning", now - 60_000, 3.0, sentence))


def _document(n: int, now: int) -> Document:
    title, summary, locale, site = TEXTS[n % len(TEXTS)]
    url = f"https://{site}/{n}"
    body = f"{summary} {title} {n}"
    made = Document(url, site, title if n < 6 else f"{title} ({n})", summary, body, "article", now - n * DAY // 3)
    tags = ("한강", "여행") if locale == "ko-KR" else ("river",)
    said = {"site_name": NAMES.get(site, ""), "text_digest": text_digest(body)}
    return replace(made, created_at=now - n * DAY, locale=locale, tags=tags, **said)


def _video(n: int, now: int) -> Document:
    url = f"https://www.youtube.com/watch?v=abcdefghij{n}"
    made = Document(url, "youtube.com", f"한강 river 영상 {n}", "드론으로 본 한강.", f"한강 {n}", "video", now)
    return replace(made, created_at=now - DAY, locale="ko-KR", author="강변 채널", seconds=245 + n * 3600, views=12_345)


def _fate(n: int, now: int) -> Fate:
    outcome, reason = (("indexed", ""), ("indexed", ""), ("duplicate", ""), ("filtered", "robots"), ("dead", "parse"))[
        n % 5
    ]
    origin = f"crawl.news.example-0-{n}"
    of = "https://news.example/first" if outcome == "duplicate" else ""
    return Fate(origin, outcome, f"https://news.example/{n}", reason, "parse", "", of, at=now - n * 1000)


def _page(url: str, now: int) -> Page:
    return Page(url, url, b"<html></html>", fetched_at=now)


def people(made: Site) -> tuple[str, str]:
    """Some who post and follow each other. A user's token and an administrator's."""
    (mina, token), (jun, _), (star, _) = (made.join(name) for name in ("미나", "Jun", "별빛 (Star)"))
    made.feed.writer(made._later).set_influencer(star, True)
    made.deliver()
    for other in (jun, star):
        made.follow(mina, other)
    made.follow(jun, mina)
    for n in range(30):
        made.post(jun, f"오늘 한강을 {n + 3} km 달렸습니다. The wind was with me on the way back.", "달리기", "한강")
    made.post(star, "새 노래가 나왔습니다. 들어 주세요!\n\nOut now, everywhere.", "music")
    made.post(mina, "안녕하세요, 첫 글입니다.")
    return token, made.token(None, ADMIN)


def served(app, port: int = 0):
    """A server in a thread of its own: its address is `http://{host}:{port}`."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main(port: int) -> None:
    """Serves until it is interrupted."""
    made = filled()
    token, admin = people(made)
    print(f"http://127.0.0.1:{port}\nuser  {token}\nadmin {admin}", flush=True)
    make_server("127.0.0.1", port, made.app(), threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8090)
