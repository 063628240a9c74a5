"""Releases of the topology: the running one is fetched from Nimbus as a whole, so that it can be submitted again.

A release is a folder below the home: the jar, the topology in Thrift, and its configuration. Nothing of the sources is
needed to go back to one.
"""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Fatal
from riverline.settings import Settings
from riverline_stack.release import topology

KEPT = 3  # releases, the newest
CHUNK = 300 << 10  # bytes of an upload's part: below what Nimbus takes in one frame
ANSWER_SECONDS = 30.0
GONE_SECONDS = 120.0  # a killed topology's workers have ended by then
KRYO = "topology.kryo.register"
GIVEN_BY_NIMBUS = ("storm.id",)  # different with each submission


@dataclass(frozen=True)
class Release:
    """`name` is the id that Storm gave it when it first ran."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def jar(self) -> Path:
        return self.folder / "topology.jar"

    @property
    def definition(self) -> Path:
        return self.folder / "topology.thrift"

    @property
    def configuration(self) -> Path:
        return self.folder / "topology.json"


def kept(settings: Settings) -> list[Release]:
    """The releases that can be gone back to, the newest first."""
    folders = [path for path in _folder(settings).glob("*") if (path / "topology.json").is_file()]
    return [Release(path) for path in sorted(folders, key=lambda path: -path.stat().st_mtime)]


def running(settings: Settings) -> str | None:
    """Storm's id of the topology that runs, and is not on its way out; None when there is none. Raises Transient."""
    with nimbus_client(settings.storm.nimbus, ANSWER_SECONDS) as nimbus:
        summaries = nimbus.getClusterInfo().topologies or []
    wanted = settings.storm.topology
    return next((each.id for each in summaries if each.name == wanted and each.status != "KILLED"), None)


def keep(settings: Settings) -> Release | None:
    """Takes what runs from Nimbus and keeps it; None when nothing runs. Raises Transient."""
    with nimbus_client(settings.storm.nimbus, ANSWER_SECONDS) as nimbus:
        name = _id_of(nimbus, settings.storm.topology)
        if name is None:
            return None
        release = Release(_folder(settings) / name)
        release.folder.mkdir(parents=True, exist_ok=True)
        release.jar.write_bytes(_blob(nimbus, f"{name}-stormjar.jar"))
        release.definition.write_bytes(_packed(nimbus.getUserTopology(name)))
        configuration = json.loads(gzip.decompress(_blob(nimbus, f"{name}-stormconf.ser")))
        release.configuration.write_text(json.dumps(as_submitted(configuration), sort_keys=True))  # last: it is whole
    for older in kept(settings)[KEPT:]:
        shutil.rmtree(older.folder)
    return release


def as_submitted(configuration: dict[str, Any]) -> dict[str, Any]:
    """The topology's configuration in the form in which Nimbus takes it: it keeps registered classes as one map, and
    takes them as a list."""
    taken = {key: value for key, value in configuration.items() if key not in GIVEN_BY_NIMBUS}
    if isinstance(registered := taken.get(KRYO), dict):
        taken[KRYO] = [{name: serializer} if serializer else name for name, serializer in registered.items()]
    return taken


def submit(settings: Settings, release: Release, wait: int) -> None:
    """Puts the release in the place of what runs, which may finish what it holds for `wait` seconds.

    Raises Transient when Nimbus refuses, Fatal when what runs does not go.
    """
    from streamparse.thrift import KillOptions, SubmitOptions, TopologyInitialStatus

    name = settings.storm.topology
    with nimbus_client(settings.storm.nimbus, ANSWER_SECONDS) as nimbus:
        uploaded = _upload(nimbus, release.jar)
        if _id_of(nimbus, name):
            nimbus.killTopologyWithOpts(name=name, options=KillOptions(wait_secs=wait))
            _wait_until_gone(nimbus, name, wait + GONE_SECONDS)
        nimbus.submitTopologyWithOpts(
            name=name,
            uploadedJarLocation=uploaded,
            jsonConf=release.configuration.read_text(),
            topology=_unpacked(release.definition.read_bytes()),
            options=SubmitOptions(initial_status=TopologyInitialStatus.ACTIVE),
        )
    topology.assign(settings)


def _folder(settings: Settings) -> Path:
    return topology.folder(settings) / "releases"


def _id_of(nimbus: Any, name: str) -> str | None:
    return next((each.id for each in nimbus.getClusterInfo().topologies or [] if each.name == name), None)


def _wait_until_gone(nimbus: Any, name: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _id_of(nimbus, name):
        if time.monotonic() > deadline:
            raise Fatal(f"the topology {name} was killed but is still there after {seconds:.0f} s")
        time.sleep(0.5)


def _blob(nimbus: Any, key: str) -> bytes:
    begun = nimbus.beginBlobDownload(key)
    return b"".join(_chunks(nimbus, begun.session))


def _chunks(nimbus: Any, session: str) -> Iterator[bytes]:
    while chunk := nimbus.downloadBlobChunk(session):
        yield chunk


def _upload(nimbus: Any, jar: Path) -> str:
    location = nimbus.beginFileUpload()
    with jar.open("rb") as file:
        while chunk := file.read(CHUNK):
            nimbus.uploadChunk(location, chunk)
    nimbus.finishFileUpload(location)
    return str(location)


def _packed(definition: Any) -> bytes:
    from thriftpy2.protocol import TBinaryProtocolFactory
    from thriftpy2.utils import serialize

    return bytes(serialize(definition, TBinaryProtocolFactory()))


def _unpacked(data: bytes) -> Any:
    from streamparse.thrift import StormTopology
    from thriftpy2.protocol import TBinaryProtocolFactory
    from thriftpy2.utils import deserialize

    return deserialize(StormTopology(), data, TBinaryProtocolFactory())
