"""Runs a step for each program, in parallel, after the programs that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from riverline.errors import Fatal
from riverline_stack.supervision.program import Program, Step


def dependencies(programs: Iterable[Program | Step]) -> dict[str, set[str]]:
    """For each program or step the names of those that must be there first, as far as they are among these."""
    programs = list(programs)
    names = {program.name for program in programs}
    return {program.name: set(program.after) & names for program in programs}


def reversed_(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """For each program those that depend on it: the order in which they are stopped."""
    return {name: {other for other, needs in graph.items() if name in needs} for name in graph}


def in_order(graph: Mapping[str, set[str]], act: Callable[[str], object]) -> None:
    """Calls `act` with every name, in threads; a name's turn comes when all that it needs have succeeded.

    After a failure what does not depend on it is still done. Then raises Fatal with all that went wrong.
    """
    waiting = {name: set(needs) for name, needs in graph.items()}
    running: dict[Future[object], str] = {}
    failures: list[str] = []
    with ThreadPoolExecutor(max_workers=max(len(waiting), 1)) as pool:
        while True:
            for name in [name for name, needs in waiting.items() if not needs]:
                del waiting[name]
                running[pool.submit(act, name)] = name
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if error := future.exception():
                    failures.append(f"{name}: {error}")
                else:
                    for needs in waiting.values():
                        needs.discard(name)
    if failures:
        raise Fatal("\n".join(failures))
    if waiting:
        raise Fatal(f"these programs wait for each other: {', '.join(sorted(waiting))}")
