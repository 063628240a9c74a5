"""Files of the stack go to one worker; every other file to whoever is free, and no file to two."""

from __future__ import annotations

import re
from multiprocessing import Event, Process, Queue
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import pytest

from riverline.settings import ROOT
from tests.support import lanes
from tests.support.lanes import APART, FOR_TWO, LONGEST, ON_STACK, Lanes, claimed, is_on_stack, longest_first, stacks

USES = re.compile(r'\bstack: Settings|\(stack\)|\bservices: Services|\benvironment: dict|getfixturevalue\("stack"\)')


class Worker:
    """What the scheduler knows of one; `ran` holds the tests that it was given."""

    def __init__(self, number: int, tests: list[str]) -> None:
        self.gateway = SimpleNamespace(id=f"gw{number}")
        self.tests, self.ran, self.shutting_down = tests, [], False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.ran += [self.tests[index] for index in indices]

    def shutdown(self) -> None:
        self.shutting_down = True


def claim(homes: list[Path], told: Queue, end: Event) -> None:
    told.put(claimed(homes))
    end.wait(60)


def scheduled(tests: list[str], workers: int) -> tuple[Lanes, list[Worker]]:
    options = SimpleNamespace(loadscopereorder=False)
    config = SimpleNamespace(option=options, getvalue=lambda _: ["popen"] * workers)
    dealt, made = Lanes(config), [Worker(number, tests) for number in reversed(range(workers))]
    for worker in made:
        dealt.add_node(worker)
        dealt.add_node_collection(worker, tests)
    dealt.schedule()
    return dealt, made[::-1]


def finish(dealt: Lanes, workers: list[Worker]) -> None:
    """Each runs what it was given, in turn, until nobody is given more."""
    done = dict.fromkeys(workers, 0)
    while waiting := [one for one in workers if done[one] < len(one.ran)]:
        for worker in waiting:
            dealt.mark_test_complete(worker, worker.tests.index(worker.ran[done[worker]]))
            done[worker] += 1


@pytest.fixture(autouse=True)
def much_memory(monkeypatch) -> None:
    """As on a machine with memory for two stacks."""
    monkeypatch.setattr(lanes.psutil, "virtual_memory", lambda: SimpleNamespace(total=2 * FOR_TWO))


def named(*files: str, each: int = 5) -> list[str]:
    return [f"{file}::test_{number}" for file in files for number in range(each)]


STACK = ("tests/chaos/test_a.py", "tests/contract/test_b.py", "tests/integration/test_c.py")
OTHERS = ("tests/integration/test_youtube.py", "tests/unit/test_d.py", "tests/unit/test_e.py")


def test_one_worker_runs_the_files_of_the_stack_and_then_helps_the_others() -> None:
    tests = named(*STACK, *OTHERS)
    dealt, (first, second, third) = scheduled(tests, 3)
    finish(dealt, [first, second, third])
    assert sorted(first.ran + second.ran + third.ran) == sorted(tests)
    assert first.ran[: 5 * len(STACK)] == named(*STACK)
    assert all(worker.shutting_down for worker in (first, second, third))


def test_two_of_four_workers_run_the_files_of_the_stack_each_with_one_of_its_own() -> None:
    tests = named(*STACK, *OTHERS)
    dealt, workers = scheduled(tests, 4)
    finish(dealt, workers)
    assert sorted(test for worker in workers for test in worker.ran) == sorted(tests)
    files = [[test.partition("::")[0] for test in worker.ran] for worker in workers]
    assert not any(is_on_stack(file) for ran in files[2:] for file in ran)
    assert {ran[0] for ran in files[:2]} == set(STACK[:2])


def test_with_little_memory_there_is_one_stack(monkeypatch) -> None:
    assert [stacks(workers) for workers in (1, 3, 4, 8)] == [1, 1, 2, 2]
    monkeypatch.setattr(lanes.psutil, "virtual_memory", lambda: SimpleNamespace(total=FOR_TWO - 1))
    assert stacks(4) == 1


def test_each_process_has_a_stack_of_its_own_and_a_third_waits_for_the_first(tmp_path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    told: Queue[int] = Queue()
    ends = [Event(), Event(), Event()]
    processes = [Process(target=claim, args=(homes, told, end), daemon=True) for end in ends]
    places = []
    for process in processes[:2]:
        process.start()
        places.append(told.get(timeout=30))
    processes[2].start()
    with pytest.raises(Empty):
        told.get(timeout=0.5)
    ends[0].set()
    assert [*places, told.get(timeout=30)] == [0, 1, 0]
    for process, end in zip(processes, ends, strict=True):
        end.set()
        process.join(30)


def test_what_takes_long_is_begun_first() -> None:
    assert longest_first(["tests/contract/test_a.py", LONGEST[1], LONGEST[0]]) == [
        LONGEST[0],
        LONGEST[1],
        "tests/contract/test_a.py",
    ]
    assert all((ROOT / file).exists() and is_on_stack(file) for file in LONGEST)


def test_a_file_is_run_by_one_worker() -> None:
    dealt, workers = scheduled(named(*STACK, *OTHERS), 2)
    finish(dealt, workers)
    files = [{test.partition("::")[0] for test in worker.ran} for worker in workers]
    assert files[0] & files[1] == set()


def test_the_files_of_the_stack_are_run_though_there_are_more_workers_than_files() -> None:
    dealt, workers = scheduled(named(STACK[0]), 3)
    finish(dealt, workers)
    assert sorted(test for worker in workers for test in worker.ran) == named(STACK[0])


def test_another_worker_goes_on_with_the_stack_when_its_own_is_dead() -> None:
    tests = named(*STACK)
    dealt, (first, _) = scheduled(tests, 2)
    assert dealt.remove_node(first) == tests[0]
    third = Worker(2, tests)
    dealt.add_node(third)
    dealt.add_node_collection(third, tests)
    dealt.schedule()
    finish(dealt, [third])
    assert set(third.ran) == set(tests)


def test_what_needs_the_stack_is_known_of_every_file() -> None:
    files = [path for suite in ON_STACK for path in (ROOT / suite).glob("test_*.py")]
    names = {str(path.relative_to(ROOT)): bool(USES.search(path.read_text())) for path in files}
    assert set(names) >= APART
    assert {name for name, uses in names.items() if uses != is_on_stack(name)} == set()
