"""Backups' folder and files, without servers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.adapters.mysql import migrations
from riverline.errors import Invalid, NotFound, Transient
from riverline.settings import Backup, Settings
from riverline_stack.backup import archive, folder
from riverline_stack.backup.fingerprint import differences
from riverline_stack.backup.folder import Manifest
from riverline_stack.backup.restore import positions, restore, same_log
from riverline_stack.backup.verify import verify

DAY_MS = 86_400_000
OFFSETS = {"crawl.a": {"0": (0, 10, 7)}}


class Progress:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def waiting(self, name: str, why: str | None) -> None:
        self.said.append(name)


class Log:
    """The offsets of a Kafka."""

    def __init__(self, ends: dict[tuple[str, int], tuple[int, int]]) -> None:
        self._ends = ends

    def topics(self) -> list[str]:
        return sorted({topic for topic, _ in self._ends})

    def ends(self, topics: object) -> dict[tuple[str, int], tuple[int, int]]:
        return self._ends


def manifest(at_ms: int, scheduled: bool = True) -> Manifest:
    return Manifest(folder.name_of(at_ms), at_ms, scheduled, {}, "0001", "0-1-9", {"user": 1}, {}, "d-v1", OFFSETS)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, backup=Backup(keep=2))


def kept(settings: Settings, one: Manifest) -> Path:
    path = folder.root(settings) / one.name
    path.mkdir()
    folder.write(path, one)
    return path


@given(st.lists(st.tuples(st.integers(0, 20 * DAY_MS), st.booleans()), max_size=30), st.integers(1, 5))
def test_the_newest_of_each_kept_day_stays_and_nothing_made_by_hand_goes(made, keep) -> None:
    manifests = [manifest(at, scheduled) for at, scheduled in made]
    gone = folder.outdated(manifests, keep)
    scheduled = [each for each in manifests if each.scheduled]
    left = [each for each in scheduled if each not in gone]
    days = sorted({each.began_at // DAY_MS for each in scheduled})[-keep:]
    assert all(each.scheduled for each in gone)
    assert {each.began_at // DAY_MS for each in left} == set(days)
    for day in days:
        assert max(each.began_at for each in scheduled if each.began_at // DAY_MS == day) in {e.began_at for e in left}


def test_a_manifest_is_read_as_it_was_written(settings: Settings) -> None:
    one = manifest(5 * DAY_MS)
    path = kept(settings, replace(one, parts=(folder.Part("a", 1, "b"),)))
    assert folder.read(path).parts == (folder.Part("a", 1, "b"),)
    assert folder.path_of(settings, "") == path
    assert (path / folder.MANIFEST).stat().st_mode & 0o777 == 0o600
    assert folder.root(settings).stat().st_mode & 0o777 == 0o700


def test_a_manifest_of_another_format_is_refused(settings: Settings) -> None:
    path = kept(settings, replace(manifest(5), format=99))
    with pytest.raises(Invalid, match="format 99"):
        folder.read(path)


def test_an_unknown_backup_is_named(settings: Settings) -> None:
    with pytest.raises(NotFound, match="no backup"):
        folder.path_of(settings, "")


def test_pruning_removes_what_is_outdated_and_what_was_never_finished(settings: Settings) -> None:
    for day in range(4):
        kept(settings, manifest(day * DAY_MS))
    (folder.root(settings) / f"x{folder.DRAFT}").mkdir()
    folder.prune(settings)
    assert [each.began_at for each in folder.listed(settings)] == [2 * DAY_MS, 3 * DAY_MS]
    assert not (folder.root(settings) / f"x{folder.DRAFT}").exists()


def test_two_commands_do_not_work_on_backups_at_once(settings: Settings) -> None:
    with folder.alone(settings), pytest.raises(Transient, match="another command"), folder.alone(settings):
        pass


def test_a_packed_folder_comes_out_as_it_went_in_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "file").write_bytes(b"x" * 100_000)
    part = archive.pack(tmp_path / "in", tmp_path / "a.tar.zst")
    archive.unpack(tmp_path / "a.tar.zst", tmp_path / "out")
    assert (tmp_path / "out" / "deep" / "file").read_bytes() == b"x" * 100_000
    assert archive.part_of(tmp_path / "a.tar.zst") == part
    assert (tmp_path / "a.tar.zst").stat().st_mode & 0o777 == 0o600
    assert archive.examine(tmp_path / "a.tar.zst") == 1


def test_an_archive_that_points_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc/passwd")
    archive.pack(tmp_path / "in", tmp_path / "a.tar.zst")
    with pytest.raises(Invalid, match="holds link"):
        archive.unpack(tmp_path / "a.tar.zst", tmp_path / "out")


def test_a_packed_folder_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").write_bytes(bytes(range(256)) * 1000)
    archive.pack(tmp_path / "in", tmp_path / "a.tar.zst")
    whole = (tmp_path / "a.tar.zst").read_bytes()
    (tmp_path / "a.tar.zst").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match="cannot be read"):
        archive.examine(tmp_path / "a.tar.zst")


def test_a_changed_a_missing_and_an_open_file_are_each_named(settings: Settings, tmp_path: Path) -> None:
    path = kept(settings, manifest(1))
    for name in ("changed", "missing", "open"):
        (path / name).write_bytes(b"1")
        (path / name).chmod(0o600)
    parts = tuple(archive.part_of(path / name) for name in ("changed", "missing", "open"))
    folder.write(path, replace(manifest(1), parts=parts))
    (path / "changed").write_bytes(b"2")
    (path / "missing").unlink()
    (path / "open").chmod(0o644)
    said = verify(settings, "", lambda _: None)
    assert [line.split()[0] for line in said] == ["changed", "missing", "open"]


def test_a_broken_backup_is_not_restored_and_nothing_is_touched(settings: Settings) -> None:
    progress = Progress()
    path = kept(settings, replace(manifest(1), parts=(folder.Part("missing", 1, "0"),)))
    with pytest.raises(Invalid, match="is not restored: missing is missing"):
        restore(settings, path.name, progress)
    assert progress.said == []


def test_the_topology_goes_on_where_it_stood_and_reads_younger_topics_from_their_beginning() -> None:
    log = Log({("crawl.a", 0): (0, 25), ("crawl.b", 0): (3, 9)})
    assert positions(log, manifest(1)) == {("crawl.a", 0): (7, 25), ("crawl.b", 0): (3, 9)}  # type: ignore[arg-type]


def test_records_that_kafka_has_forgotten_are_not_waited_for() -> None:
    log = Log({("crawl.a", 0): (12, 25)})
    assert positions(log, manifest(1)) == {("crawl.a", 0): (12, 25)}  # type: ignore[arg-type]


def test_a_kafka_whose_topics_are_shorter_is_another_one() -> None:
    assert same_log({("crawl.a", 0): (0, 10)}, manifest(1))
    assert not same_log({("crawl.a", 0): (0, 9)}, manifest(1))
    assert not same_log({}, manifest(1))


def test_what_differs_between_two_fingerprints_is_told_with_both_values() -> None:
    one = {"documents": {"count": 1}, "rows": {}, "targets": [], "timelines": {"1": [3]}, "searches": {"a": [1]}}
    other = {**one, "timelines": {"1": [4]}}
    assert list(differences(one, one)) == []
    assert list(differences(one, other)) == ["timelines: 1: [3] before, [4] after"]


def test_the_versions_of_the_tables_are_known_newest_first() -> None:
    known = migrations.revisions()
    assert known == sorted(known, reverse=True) and known[-1] == "0001"
