"""Tuples go to as many tasks of the next bolt as it has executors, in turn."""

from bolts.task_selection import WorkingTasks, working_tasks
from riverline.adapters.redis.cluster import RedisCluster
from riverline.monitoring.executors import read, write
from riverline.settings import Redis, Settings
from riverline.testing.memory_key_value import MemoryKeyValue


def turns(selection, count):
    return sorted({selection.next() for _ in range(count)})


def test_spare_tasks_get_nothing_until_they_are_called():
    selection = WorkingTasks([5, 6, 7, 8], 2)
    assert turns(selection, 20) == [5, 7]
    selection.set(4)
    assert turns(selection, 20) == [5, 6, 7, 8]
    selection.set(1)
    assert turns(selection, 20) == [5]


def test_each_gets_the_same_share():
    selection = WorkingTasks([5, 6, 7, 8], 4)
    counts = [selection.next() for _ in range(400)]
    assert {counts.count(task) for task in (5, 6, 7, 8)} == {100}


def test_more_executors_than_tasks_call_all_and_none_calls_one():
    assert turns(WorkingTasks([5, 6], 9), 9) == [5, 6]
    assert turns(WorkingTasks([5, 6], 0), 9) == [5]


def test_the_tasks_are_those_of_the_component():
    context = {"task->component": {"1": "pages", "2": "parse", "3": "tag"}}
    assert working_tasks("parse", context, Settings(), RedisCluster(Redis(nodes=("127.0.0.1:1",)))).next() == 2


def test_the_number_of_executors_goes_by_redis():
    key_value = MemoryKeyValue()
    assert read(key_value) == {}
    write(key_value, {"parse": 4, "tag": 1})
    assert read(key_value) == {"parse": 4, "tag": 1}
    assert read(key_value, "of another topology") == {}
