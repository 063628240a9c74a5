"""An Elasticsearch home, put together in the cache from its published jars, its modules and our plugins."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from riverline.settings import ROOT
from riverline_stack.servers.java.jars import Folder, Say, fetch
from riverline_stack.servers.java.javac import make_jar

VERSION = "7.17.29"

SERVER = Folder(
    "elasticsearch", (f"org.elasticsearch:elasticsearch:{VERSION}", "org.apache.logging.log4j:log4j-core:2.17.1")
)
NORI = Folder("nori", ("org.apache.lucene:lucene-analyzers-nori:8.11.3",))


@dataclass(frozen=True)
class Module:
    """A module of the server: its name, the class that Elasticsearch loads, and whether it uses sockets. `ours`: the
    folder below `jvm` of what it has beside the published jars."""

    name: str
    plugin_class: str
    sockets: bool = False
    ours: str = ""

    @property
    def jars(self) -> Folder:
        return Folder(f"elasticsearch-{self.name}", (f"org.elasticsearch.plugin:{self.name}-client:{VERSION}",))

    @property
    def sources(self) -> list[Path]:
        return sorted((ROOT / "jvm" / self.ours).glob("*.java")) if self.ours else []


MODULES = (
    Module("transport-netty4", "riverline.encryption.EncryptedNetty", sockets=True, ours="encryption"),
    Module("reindex", "org.elasticsearch.reindex.ReindexPlugin", sockets=True),
    Module("lang-mustache", "org.elasticsearch.script.mustache.MustachePlugin"),
    Module("parent-join", "org.elasticsearch.join.ParentJoinPlugin"),
    Module("percolator", "org.elasticsearch.percolator.PercolatorPlugin"),
    Module("rank-eval", "org.elasticsearch.index.rankeval.RankEvalPlugin"),
    Module("aggs-matrix-stats", "org.elasticsearch.search.aggregations.matrix.MatrixAggregationPlugin"),
    Module("mapper-extras", "org.elasticsearch.index.mapper.MapperExtrasPlugin"),
)


@dataclass(frozen=True)
class Plugin:
    """A plugin of ours: its sources are in the folder of that name below `jvm`."""

    name: str
    description: str
    plugin_class: str
    libraries: tuple[Folder, ...] = ()

    @property
    def sources(self) -> list[Path]:
        return sorted((ROOT / "jvm" / self.name).glob("*.java"))


PLUGINS = (
    Plugin("analysis", "Analysers of Riverline", "riverline.analysis.AnalysisPlugin", (NORI,)),
    Plugin("access", "Asks for the password of Riverline", "riverline.access.AccessPlugin"),
)

SOCKET_POLICY = """grant {
  permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
  permission java.net.NetPermission "getProxySelector";
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.lang.RuntimePermission "setContextClassLoader";
  permission java.lang.RuntimePermission "accessDeclaredMembers";
  permission java.util.PropertyPermission "*", "read,write";
};
"""


def install_home(cache: Path, say: Say) -> None:
    """Fetch the jars, compile the plugins, and put the home together; a home of the same parts is kept."""
    fetch([SERVER, NORI, *(module.jars for module in MODULES)], cache, say)
    home = home_folder(cache)
    if home.exists():
        return
    say("assembling Elasticsearch with its plugins")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        part = Path(scratch) / home.name
        for name in ("bin", "modules", "plugins"):
            (part / name).mkdir(parents=True)
        (part / "lib").symlink_to(SERVER.path(cache))
        for module in MODULES:
            _make_module(module, part / "modules" / module.name, cache)
        for plugin in PLUGINS:
            _make_plugin(plugin, part / "plugins" / plugin.name, cache)
        part.rename(home)


def home_folder(cache: Path) -> Path:
    """Where the home is; another version of this module or of a plugin makes another one."""
    digest = hashlib.sha256()
    for source in (Path(__file__), *(source for part in (*PLUGINS, *MODULES) for source in part.sources)):
        digest.update(source.read_bytes())
    return cache / f"elasticsearch-{VERSION}-{digest.hexdigest()[:8]}"


def descriptor(name: str, description: str, plugin_class: str, java: str) -> str:
    """What Elasticsearch asks of every module and plugin. It refuses keys that it does not know."""
    return (
        f"name={name}\ndescription={description}\nversion={VERSION}\nelasticsearch.version={VERSION}\n"
        f"java.version={java}\nclassname={plugin_class}\nextended.plugins=\nhas.native.controller=false\n"
    )


def _make_module(module: Module, folder: Path, cache: Path) -> None:
    folder.mkdir()
    _copy_new_jars(module.jars.path(cache), folder, cache)
    if module.sources:
        make_jar(folder / f"riverline-{module.ours}.jar", module.sources, [SERVER.path(cache), folder])
    text = descriptor(module.name, f"The module {module.name}", module.plugin_class, java="1.8")
    (folder / "plugin-descriptor.properties").write_text(text)
    if module.sockets:
        (folder / "plugin-security.policy").write_text(SOCKET_POLICY)


def _make_plugin(plugin: Plugin, folder: Path, cache: Path) -> None:
    folder.mkdir()
    for library in plugin.libraries:
        _copy_new_jars(library.path(cache), folder, cache)
    make_jar(folder / f"riverline-{plugin.name}.jar", plugin.sources, [SERVER.path(cache), folder])
    text = descriptor(plugin.name, plugin.description, plugin.plugin_class, java="17")
    (folder / "plugin-descriptor.properties").write_text(text)


def _copy_new_jars(source: Path, folder: Path, cache: Path) -> None:
    """Copy the jars that the server has not; a class that is there twice stops Elasticsearch."""
    held = {jar.name for jar in SERVER.path(cache).glob("*.jar")}
    for jar in source.glob("*.jar"):
        if jar.name not in held:
            shutil.copy2(jar, folder)
