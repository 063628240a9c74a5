"""A record that kills its process is known after the restart."""

import fcntl
import json
import multiprocessing
import os
import time

from riverline.pipeline.crash_guard import DEATHS, KEPT, CrashGuard


def die_over(path, name):
    guard = CrashGuard(path)
    begun = guard.begin(name)
    guard.close()  # never ended: the process is gone
    return begun


def test_a_record_that_killed_its_process_several_times_is_not_begun_again(tmp_path):
    path = tmp_path / "parse"
    assert [die_over(path, "crawl.a-0-1") for _ in range(DEATHS)] == [True] * DEATHS
    assert not CrashGuard(path).begin("crawl.a-0-1")


def test_other_records_are_worked_on_meanwhile(tmp_path):
    path = tmp_path / "parse"
    for _ in range(DEATHS):
        die_over(path, "crawl.a-0-1")
    guard = CrashGuard(path)
    assert guard.begin("crawl.a-0-2")
    guard.end()
    assert not guard.begin("crawl.a-0-1")


def test_records_that_kill_in_turn_are_all_known(tmp_path):
    path = tmp_path / "parse"
    for _ in range(DEATHS):
        for name in ("crawl.a-0-1", "crawl.b-0-1"):
            assert die_over(path, name)
    guard = CrashGuard(path)
    assert not guard.begin("crawl.a-0-1") and not guard.begin("crawl.b-0-1")


def test_only_the_latest_suspects_are_remembered(tmp_path):
    path = tmp_path / "parse"
    for number in range(KEPT + 5):
        die_over(path, f"crawl.a-0-{number}")
    CrashGuard(path)
    assert len(json.loads((tmp_path / "deaths").read_text())) == KEPT


def test_a_record_that_was_finished_is_not_suspected(tmp_path):
    path = tmp_path / "parse"
    for _ in range(DEATHS + 1):
        guard = CrashGuard(path)
        assert guard.begin("crawl.a-0-1")
        guard.end()
        guard.close()


def test_kills_over_different_records_accuse_none(tmp_path):
    path = tmp_path / "parse"
    assert all(die_over(path, f"crawl.a-0-{number}") for number in range(3 * DEATHS))
    assert CrashGuard(path).begin("crawl.a-0-0")


def die_beside(folder, *names):
    """Processes of one worker, each over a record: all die when one does."""
    processes = [CrashGuard(folder / f"parse-{place}") for place in range(len(names))]
    for process, name in zip(processes, names, strict=True):
        process.begin(name)
    for process in processes:
        process.close()
    for place in range(len(names)):
        CrashGuard(folder / f"parse-{place}").close()


def test_what_died_beside_another_is_worked_on_alone_and_by_whichever_process(tmp_path):
    die_beside(tmp_path, "good", "bad")
    for _ in range(DEATHS - 1):
        assert die_over(tmp_path / "parse-0", "bad")
    one, other = CrashGuard(tmp_path / "parse-0"), CrashGuard(tmp_path / "parse-1")
    assert not one.begin("bad") and not other.begin("bad")
    assert one.begin("good")
    assert is_shut(tmp_path)
    one.end()
    assert not is_shut(tmp_path) and other.begin("other")
    assert not is_shut(tmp_path)


def is_shut(folder):
    """Whether nobody else may begin."""
    room = os.open(folder / "room", os.O_RDWR)
    try:
        fcntl.flock(room, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(room)
    return False


def test_deaths_beside_others_count_once(tmp_path):
    """A worker's processes come back one by one, and a record may be met meanwhile by one that has not heard of it."""
    for _ in range(2 * DEATHS):
        (tmp_path / "parse-0").write_bytes(b"beside good")
        CrashGuard(tmp_path / "parse-0").close()
    assert json.loads((tmp_path / "deaths").read_text()) == {"good": 1}


def work_alone(folder, inside, outcome):
    guard = CrashGuard(folder / "parse-9")
    guard.begin("suspected")
    with inside.get_lock():
        outcome.value = inside.value
    guard.end()


def test_who_has_to_be_alone_waits_for_the_others_and_they_for_it(tmp_path):
    die_over(tmp_path / "parse-0", "suspected")
    CrashGuard(tmp_path / "parse-0").close()
    context = multiprocessing.get_context("fork")
    inside, outcome = context.Value("i", 1), context.Value("i", -1)
    here = CrashGuard(tmp_path / "parse-1")
    assert here.begin("a page")
    alone = context.Process(target=work_alone, args=(tmp_path, inside, outcome))
    alone.start()
    until = time.monotonic() + 30
    while not door_is_held(tmp_path) and time.monotonic() < until:
        time.sleep(0.005)
    assert outcome.value == -1
    inside.value = 0
    here.end()
    assert here.begin("another page")
    assert outcome.value == 0
    alone.join(30)
    assert alone.exitcode == 0


def door_is_held(folder):
    door = os.open(folder / "door", os.O_RDWR)
    try:
        fcntl.flock(door, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(door)
    return False
