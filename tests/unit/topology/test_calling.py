"""Tuples go to as many tasks of the next bolt as it has executors, in turn."""

from bolts.calling import Called, call
from riverline.monitoring.executors import read, write
from riverline.settings import Settings
from riverline.stores.memory_scratch import MemoryScratch


def turns(called, count):
    return sorted({called.next() for _ in range(count)})


def test_spare_tasks_get_nothing_until_they_are_called():
    called = Called([5, 6, 7, 8], 2)
    assert turns(called, 20) == [5, 7]
    called.set(4)
    assert turns(called, 20) == [5, 6, 7, 8]
    called.set(1)
    assert turns(called, 20) == [5]


def test_each_gets_the_same_share():
    called = Called([5, 6, 7, 8], 4)
    counts = [called.next() for _ in range(400)]
    assert {counts.count(task) for task in (5, 6, 7, 8)} == {100}


def test_more_executors_than_tasks_call_all_and_none_calls_one():
    assert turns(Called([5, 6], 9), 9) == [5, 6]
    assert turns(Called([5, 6], 0), 9) == [5]


def test_the_tasks_are_those_of_the_component():
    context = {"task->component": {"1": "pages", "2": "parse", "3": "tag"}}
    assert call("parse", context, Settings()).next() == 2


def test_the_number_of_executors_goes_by_redis():
    scratch = MemoryScratch()
    assert read(scratch) == {}
    write(scratch, {"parse": 4, "tag": 1})
    assert read(scratch) == {"parse": 4, "tag": 1}
