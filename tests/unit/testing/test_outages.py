"""Every twin can be away as its server can."""

import inspect
import pkgutil
import re
from importlib import import_module
from random import Random

import pytest

import riverline.testing
from riverline.accounts.contracts import LoginLink
from riverline.errors import Transient
from riverline.model import Document, Origin, Page, Target, User
from riverline.pipeline.contracts import Failure
from riverline.search.semantic.contracts import TextVector
from riverline.settings import ROOT
from riverline.stages import StageState
from riverline.testing.memory_audit_log import MemoryAuditLog, MemoryTakeDowns
from riverline.testing.memory_clicks import MemoryClicks
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_incidents import MemoryIncidents
from riverline.testing.memory_index import MemoryIndex
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_log import MemoryLog
from riverline.testing.memory_login_links import MemoryLoginLinks
from riverline.testing.memory_sessions import MemorySessions
from riverline.testing.memory_stages import MemoryStages
from riverline.testing.memory_targets import MemoryTargets
from riverline.testing.memory_timelines import MemoryTimelines
from riverline.testing.memory_tokens import MemoryTokens
from riverline.testing.memory_vectors import MemoryVectors
from riverline.testing.outages import Condition, Server, reached_through
from riverline.testing.queued_log import QueuedLog

PAGE = Page("http://a.example/1", "http://a.example/1", b"text")
VECTOR = TextVector("of", {"model": b"1"})
LINK = LoginLink("digest", "login", "a@b.example", 9)
ARGUMENTS = {MemorySessions: [lambda number: User(number, "a@b.example", "A")]}  # of those that cannot be made without
FAILURE = Failure(Origin("crawl.a", 0, 0), "parse", "broken", 1, 0)


def document(number: int) -> Document:
    url = f"http://a.example/{number}"
    digest = f"{number:032x}"
    return Document(url, "a.example", "", "", "", "article", crawled_at=1, text_digest=digest, page_digest=digest)


class Time:
    """A clock that passes only when somebody waits; at moments, something happens."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events: list = []  # (when, what happens)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def server(time) -> Server:
    return Server("the server", time.sleep, timeout=30.0)


# A call that writes on each twin, and what shows from inside that it was done.
WRITES = {
    MemoryClicks: (lambda twin: twin.add("r", "u", 1), lambda twin: twin.of(["u"]) == {"u": 1}),
    MemoryDeadLetters: (lambda twin: twin.add(0, 0, 1, []), lambda twin: twin.position(0) == 1),
    MemoryIncidents: (lambda twin: twin.silence("rule", "", 9, ""), lambda twin: len(twin.silences(0)) == 1),
    MemoryIndex: (lambda twin: twin.write([document(1)], []), lambda twin: bool(twin.stored([document(1).url]))),
    MemoryFeedRepository: (lambda twin: twin.create_user("a@b.example", "A"), lambda twin: twin.newest_user() == 1),
    MemoryLog: (lambda twin: twin.append("crawl.a", PAGE), lambda twin: "crawl.a" in twin.records),
    MemoryKeyValue: (lambda twin: twin.put("key", b"1", 9), lambda twin: twin.get(["key"]) == [b"1"]),
    MemoryStages: (lambda twin: twin.publish(StageState("tag", 1, 0)), lambda twin: len(twin.fresh(0)) == 1),
    MemoryTargets: (lambda twin: twin.add(Target("a")), lambda twin: len(twin.all()) == 1),
    MemoryTimelines: (lambda twin: twin.bury([1]), lambda twin: twin.bodies([1]) != [None]),
    MemoryVectors: (lambda twin: twin.put({"a": VECTOR}), lambda twin: twin.vectors(["a"]) == {"a": VECTOR}),
    MemoryAuditLog: (lambda twin: twin.add("a", "b", "c"), lambda twin: len(twin.newest(0, 9)) == 1),
    MemoryTakeDowns: (lambda twin: twin.add("post", "1", ""), lambda twin: len(twin.all()) == 1),
    MemoryLoginLinks: (lambda twin: twin.add(LINK), lambda twin: twin.forget(99) == 1),
    MemorySessions: (lambda twin: twin.begin("d", 1, None, 9), lambda twin: twin.find("d", 0) is not None),
    MemoryTokens: (lambda twin: twin.add("digest", 1, (), "name", None), lambda twin: len(twin.all()) == 1),
}  # fmt: skip


@pytest.fixture(params=WRITES, ids=lambda kind: kind.__name__)
def case(request, server):
    twin = request.param(*ARGUMENTS.get(request.param, []))
    write, shows = WRITES[request.param]
    return reached_through(server, twin), (lambda: write(reached_through(server, twin))), (lambda: shows(twin))


def test_a_server_that_is_up_answers(case):
    _, write, is_done = case
    write()
    assert is_done()


def test_a_server_that_refuses_fails_at_once_and_does_nothing(case, server, time):
    _, write, is_done = case
    server.leave(Condition.REFUSED)
    with pytest.raises(Transient):
        write()
    assert not is_done() and time.now < 1


def test_a_silent_server_takes_the_whole_timeout_and_does_the_work_when_it_goes_on(case, server, time):
    _, write, is_done = case
    server.leave(Condition.SILENT)
    with pytest.raises(Transient):
        write()
    assert time.now == pytest.approx(30) and not is_done()
    server.come_back()
    assert is_done()


def test_a_server_that_goes_on_within_the_timeout_answers_who_waits(case, server, time):
    _, write, is_done = case
    server.leave(Condition.SILENT)
    time.events.append((10, server.come_back))
    write()
    assert is_done() and 10 <= time.now < 12


def test_a_slow_server_answers_late(case, server, time):
    _, write, is_done = case
    server.leave(Condition.SLOW, delay=5)
    write()
    assert is_done() and time.now == 5


def test_a_server_slower_than_the_timeout_does_the_work_and_nobody_hears_of_it(case, server, time):
    _, write, is_done = case
    server.leave(Condition.SLOW, delay=31)
    with pytest.raises(Transient):
        write()
    assert is_done() and time.now == 30


def test_a_lost_answer_leaves_the_work_done(case, server):
    _, write, is_done = case
    server.lose_answers(1)
    with pytest.raises(Transient):
        write()
    assert is_done() and server.ambiguous == 1


def test_a_failing_server_fails_some_calls_and_does_some_of_those(server, time):
    server = Server("failing", time.sleep, random=Random(1))
    server.leave(Condition.FAILING, share=0.5)
    log, failed = MemoryLog(), 0
    for _ in range(100):
        try:
            reached_through(server, log).append("crawl.a", PAGE)
        except Transient:
            failed += 1
    assert 30 < failed < 70 and 100 - failed < len(log.records["crawl.a"]) < 100


def test_an_outage_in_the_middle_of_an_answer_ends_it(server):
    index = MemoryIndex()
    index.write([document(1), document(2)], [])
    index.refresh()
    digests = reached_through(server, index).page_digests()
    next(digests)
    server.leave(Condition.REFUSED)
    with pytest.raises(Transient):
        next(digests)


def test_a_call_about_nothing_needs_no_server(server):
    server.leave(Condition.REFUSED)
    assert reached_through(server, MemoryIndex()).stored([]) == {}


def test_every_twin_is_tried_here():
    """A twin that is added has to be able to be away too."""
    names = [one.name for one in pkgutil.iter_modules(riverline.testing.__path__) if one.name.startswith("memory_")]
    modules = [import_module(f"riverline.testing.{name}") for name in names]
    twins = {
        value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and name.startswith("Memory") and value.__module__ == module.__name__
    }
    assert {twin.__name__ for twin in twins} - {"MemoryRecord"} == {twin.__name__ for twin in WRITES}


def test_what_is_queued_is_written_when_the_brokers_are_back(server):
    log = MemoryLog()
    queued = QueuedLog(server, log)
    server.leave(Condition.REFUSED)
    queued.bury(PAGE, FAILURE)
    with pytest.raises(Transient):
        queued.flush()
    server.come_back()
    queued.flush()
    queued.flush()
    assert len(log.records["dead-letter"]) == 1 and queued.pending == 0


def test_what_got_no_answer_is_written_again(server):
    log, told = MemoryLog(), []
    queued = QueuedLog(server, log)
    queued.append("crawl.a", PAGE, told.append)
    server.lose_answers(1)
    with pytest.raises(Transient):
        queued.flush()
    assert told == []
    queued.flush()
    assert len(log.records["crawl.a"]) == 2 and told == [None]


def test_what_waits_is_lost_with_its_process(server):
    log = MemoryLog()
    QueuedLog(server, log).append("crawl.a", PAGE)
    QueuedLog(server, log).flush()
    assert log.records == {}


def test_storms_jar_leaves_the_doubles_out():
    project = (ROOT / "project.clj").read_text()
    pattern = re.search(r':jar-exclusions \[#"([^"]+)"\]', project)[1]
    assert re.search(pattern, "resources/riverline/testing/outages.py")
    assert not re.search(pattern, "resources/riverline/model.py")
