"""Storm's installation: an official distribution that STORM_HOME names, or one assembled in the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from riverline.settings import ROOT
from riverline_stack.servers.java.jars import Folder, Say, fetch
from riverline_stack.servers.java.javac import make_jar

VERSION = "2.8.3"
SOURCES = Path(__file__).with_name("storm")
TRANSPORT = ROOT / "jvm" / "transport"

# Loggers of an older kind that come with Hadoop's client and that Storm must not find.
LOGGERS = ("org.slf4j:slf4j-reload4j", "ch.qos.reload4j:reload4j")

DAEMONS = Folder(
    "storm",
    (f"org.apache.storm:storm-core:{VERSION}", f"org.apache.storm:storm-server:{VERSION}"),
    without=("org.apache.storm:storm-clojure", *LOGGERS),
)
WORKER = Folder("storm-worker", (f"org.apache.storm:storm-client:{VERSION}",), without=LOGGERS)
FLUX = Folder(
    "storm-flux",
    (f"org.apache.storm:flux-core:{VERSION}",),
    without=("*:*",),
    absent=(f"org.apache.storm:flux:{VERSION}",),
)
PARTS = {"lib": DAEMONS, "lib-worker": WORKER, "lib-flux": FLUX}


def distribution() -> Path | None:
    """The official distribution that STORM_HOME names; None where it names none, or a home of ours."""
    named = os.environ.get("STORM_HOME")
    if not named:
        return None
    home = Path(named)
    official = (home / "lib-webapp").is_dir() or (home / "bin" / "storm").exists()
    return home if official and (home / "lib").is_dir() else None


def home_folder(cache: Path) -> Path:
    """Where Storm's lib, lib-worker and lib-flux are."""
    return distribution() or _own_home(cache)


def transport_jar(cache: Path) -> Path:
    """The jar with our transports, which listen on the host's own address only."""
    digest = hashlib.sha256(str(home_folder(cache)).encode())
    for source in _sources():
        digest.update(source.read_bytes())
    return cache / f"storm-transport-{digest.hexdigest()[:8]}.jar"


def install_home(cache: Path, say: Say) -> None:
    """Fetch the jars where no distribution has them, and compile our transports; what is there already stays."""
    if distribution() is None:
        fetch(PARTS.values(), cache, say)
        _link(_own_home(cache), cache)
    if not transport_jar(cache).exists():
        say("compiling Storm's transports")
        home = home_folder(cache)
        make_jar(transport_jar(cache), _sources(), [home / "lib", home / "lib-worker"])


def _own_home(cache: Path) -> Path:
    digest = hashlib.sha256(repr(PARTS).encode()).hexdigest()[:8]
    return cache / f"storm-{VERSION}-{digest}"


def _link(home: Path, cache: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    for name, folder in PARTS.items():
        if not (home / name).is_symlink():
            (home / name).symlink_to(folder.path(cache))
    _profiler(home).parent.mkdir(exist_ok=True)
    shutil.copy(SOURCES / "flight.bash", _profiler(home))


def _profiler(home: Path) -> Path:
    """What the supervisor runs to restart one worker, where it looks for it."""
    return home / "bin" / "flight.bash"


def _sources() -> list[Path]:
    return sorted(TRANSPORT.glob("*.java"))
