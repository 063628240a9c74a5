"""Sending tasks without waiting for the queue."""

import threading

from riverline_tasks.sender import Sender, gathered
from tests.unit.api.conftest import until


def test_tasks_are_delivered_in_order():
    sent = []
    sender = Sender(lambda name, arguments: sent.append((name, arguments)), lambda name: None)
    sender("a", 1)
    sender("b", 2, 3)
    until(lambda: sent == [("a", (1,)), ("b", (2, 3))])


def test_a_queue_that_fails_costs_the_task_and_nothing_else():
    dropped, sent = [], []

    def deliver(name, arguments):
        if name == "bad":
            raise ConnectionError("refused")
        sent.append(name)

    sender = Sender(deliver, dropped.append)
    sender("bad")
    sender("good")
    until(lambda: sent == ["good"])
    assert dropped == ["bad"]


def test_a_queue_that_hangs_holds_up_nobody_and_what_is_too_much_is_dropped():
    release, dropped = threading.Event(), []
    started = threading.Event()

    def deliver(name, arguments):
        started.set()
        release.wait(20)

    sender = Sender(deliver, dropped.append, capacity=2)
    sender("in delivery")
    assert started.wait(5)
    for name in ("waits", "waits too", "too much"):
        sender(name)
    release.set()
    assert dropped == ["too much"]


def test_what_waits_for_others_is_sent_when_the_process_ends():
    sent = []
    sender = Sender(lambda name, arguments: sent.append((name, arguments)), lambda name: None)
    sender("tasks.record_search", 1)
    sender("tasks.record_search", 2)
    sender.flush()
    until(lambda: sum(len(rows) if name == "tasks.record_searches" else 1 for name, (rows,) in sent) == 2)


def test_searches_that_come_close_together_are_sent_as_one_task_and_others_as_they_are():
    search = "tasks.record_search"
    assert gathered([(search, (1,)), ("click", (2,)), (search, (3,))]) == [
        ("tasks.record_searches", ([(1,), (3,)],), 2),
        ("click", (2,), 1),
    ]
    assert gathered([(search, (1,))]) == [(search, (1,), 1)]
