"""Files of the stack go to one worker; every other file to whoever is free, and no file to two."""

from __future__ import annotations

import re
from types import SimpleNamespace

from riverline.settings import ROOT
from tests.support.lanes import APART, ON_STACK, Lanes, is_on_stack

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


def scheduled(tests: list[str], workers: int) -> tuple[Lanes, list[Worker]]:
    options = SimpleNamespace(loadscopereorder=False)
    config = SimpleNamespace(option=options, getvalue=lambda _: ["popen"] * workers)
    lanes, made = Lanes(config), [Worker(number, tests) for number in reversed(range(workers))]
    for worker in made:
        lanes.add_node(worker)
        lanes.add_node_collection(worker, tests)
    lanes.schedule()
    return lanes, made[::-1]


def finish(lanes: Lanes, workers: list[Worker]) -> None:
    """Each runs what it was given, in turn, until nobody is given more."""
    done = dict.fromkeys(workers, 0)
    while waiting := [one for one in workers if done[one] < len(one.ran)]:
        for worker in waiting:
            lanes.mark_test_complete(worker, worker.tests.index(worker.ran[done[worker]]))
            done[worker] += 1


def named(*files: str, each: int = 5) -> list[str]:
    return [f"{file}::test_{number}" for file in files for number in range(each)]


STACK = ("tests/chaos/test_a.py", "tests/contract/test_b.py", "tests/integration/test_c.py")
OTHERS = ("tests/integration/test_youtube.py", "tests/unit/test_d.py", "tests/unit/test_e.py")


def test_one_worker_runs_the_files_of_the_stack_and_then_helps_the_others() -> None:
    tests = named(*STACK, *OTHERS)
    lanes, (first, second, third) = scheduled(tests, 3)
    finish(lanes, [first, second, third])
    assert sorted(first.ran + second.ran + third.ran) == sorted(tests)
    assert first.ran[: 5 * len(STACK)] == named(*STACK)
    assert all(worker.shutting_down for worker in (first, second, third))


def test_a_file_is_run_by_one_worker() -> None:
    lanes, workers = scheduled(named(*STACK, *OTHERS), 2)
    finish(lanes, workers)
    files = [{test.partition("::")[0] for test in worker.ran} for worker in workers]
    assert files[0] & files[1] == set()


def test_the_files_of_the_stack_are_run_though_there_are_more_workers_than_files() -> None:
    lanes, workers = scheduled(named(STACK[0]), 3)
    finish(lanes, workers)
    assert sorted(test for worker in workers for test in worker.ran) == named(STACK[0])


def test_another_worker_goes_on_with_the_stack_when_its_own_is_dead() -> None:
    tests = named(*STACK)
    lanes, (first, _) = scheduled(tests, 2)
    assert lanes.remove_node(first) == tests[0]
    third = Worker(2, tests)
    lanes.add_node(third)
    lanes.add_node_collection(third, tests)
    lanes.schedule()
    finish(lanes, [third])
    assert set(third.ran) == set(tests)


def test_what_needs_the_stack_is_known_of_every_file() -> None:
    files = [path for suite in ON_STACK for path in (ROOT / suite).glob("test_*.py")]
    names = {str(path.relative_to(ROOT)): bool(USES.search(path.read_text())) for path in files}
    assert set(names) >= APART
    assert {name for name, uses in names.items() if uses != is_on_stack(name)} == set()
