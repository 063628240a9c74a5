"""What runs is kept as a whole, and can be submitted again as it was."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamparse import thrift

from riverline.settings import Settings
from riverline_stack.release import releases, topology


class Nimbus:
    """A Nimbus with one topology; what is submitted is written down."""

    def __init__(self) -> None:
        self.running = ["content-1-1"]
        self.blobs = {
            "content-1-1-stormjar.jar": b"jar" * 200_000,
            "content-1-1-stormconf.ser": gzip.compress(
                json.dumps({"storm.id": "content-1-1", "topology.workers": 2}).encode()
            ),
        }
        self.uploaded = b""
        self.submitted: dict[str, Any] = {}
        self.assigned: list[str] = []

    def getClusterInfo(self) -> Any:
        found = [thrift.TopologySummary(id=each, name="content", status="ACTIVE") for each in self.running]
        return thrift.ClusterSummary(topologies=found)

    def getUserTopology(self, name: str) -> Any:
        common = thrift.ComponentCommon(inputs={}, streams={}, parallelism_hint=3)
        shell = thrift.ComponentObject(shell=thrift.ShellComponent(execution_command="streamparse_run", script="x.Y"))
        return thrift.StormTopology(
            spouts={"pages": thrift.SpoutSpec(spout_object=shell, common=common)}, bolts={}, state_spouts={}
        )

    def beginBlobDownload(self, key: str) -> Any:
        self.left = self.blobs[key]
        return thrift.BeginDownloadResult(version=1, session=key, data_size=len(self.left))

    def downloadBlobChunk(self, session: str) -> bytes:
        chunk, self.left = self.left[:1000_00], self.left[1000_00:]
        return chunk

    def beginFileUpload(self) -> str:
        return "inbox"

    def uploadChunk(self, location: str, chunk: bytes) -> None:
        self.uploaded += chunk

    def finishFileUpload(self, location: str) -> None:
        pass

    def killTopologyWithOpts(self, name: str, options: Any) -> None:
        self.running.clear()

    def submitTopologyWithOpts(self, **submitted: Any) -> None:
        assert not self.running
        self.submitted = submitted


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().placed(tmp_path)


@pytest.fixture
def nimbus(monkeypatch: pytest.MonkeyPatch) -> Nimbus:
    nimbus = Nimbus()

    @contextlib.contextmanager
    def client(*_: object) -> Iterator[Nimbus]:
        yield nimbus

    monkeypatch.setattr(releases, "nimbus_client", client)
    monkeypatch.setattr(topology, "assign", lambda _: nimbus.assigned.append(nimbus.submitted["name"]))
    return nimbus


def test_a_kept_release_is_submitted_as_it_was(settings: Settings, nimbus: Nimbus) -> None:
    release = releases.keep(settings)
    assert release
    releases.submit(settings, release, 1)
    assert nimbus.uploaded == nimbus.blobs["content-1-1-stormjar.jar"]
    assert nimbus.submitted["name"] == "content" and json.loads(nimbus.submitted["jsonConf"]) == {"topology.workers": 2}
    assert nimbus.submitted["topology"].spouts["pages"].common.parallelism_hint == 3
    assert nimbus.assigned == ["content"]


def test_registered_classes_are_submitted_as_nimbus_takes_them() -> None:
    kept = {"storm.id": "content-1-1", "topology.kryo.register": {"a.A": None, "b.B": "b.Serializer"}}
    assert releases.as_submitted(kept) == {"topology.kryo.register": ["a.A", {"b.B": "b.Serializer"}]}
    assert releases.as_submitted({"topology.kryo.register": {}}) == {"topology.kryo.register": []}


def test_nothing_is_kept_where_nothing_runs(settings: Settings, nimbus: Nimbus) -> None:
    nimbus.running.clear()
    assert releases.keep(settings) is None and releases.kept(settings) == []


def test_only_the_newest_releases_stay(settings: Settings, nimbus: Nimbus) -> None:
    for number in range(1, 6):
        nimbus.running = [f"content-{number}-1"]
        nimbus.blobs |= {
            f"content-{number}-1-{part}": nimbus.blobs[f"content-1-1-{part}"]
            for part in ("stormjar.jar", "stormconf.ser")
        }
        releases.keep(settings)
    assert len(releases.kept(settings)) == releases.KEPT
