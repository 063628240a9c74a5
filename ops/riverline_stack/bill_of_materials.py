"""`make sbom`: what Riverline is made of, as CycloneDX 1.6 in JSON: the locked packages of Python, the jars by their
Maven coordinates, and the JavaScript of the pages. Written of the repository's own lists, without a network.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import orjson
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from riverline.settings import ROOT
from riverline_stack.advisories import LOCKS, locked
from riverline_stack.servers import elastic_home, kafka_brokers, storm_home

VENDORED = (
    ROOT / "api" / "riverline_api" / "web" / "static" / "vendor" / "packages.json",
    ROOT / "tests" / "browser" / "vendor" / "packages.json",
)


def bill() -> Bom:
    """All of it, each package once."""
    found = {purl.to_string(): purl for purl in (*python(), *java(), *javascript())}
    made = Bom(components=map(_component, found.values()))
    own = PackageURL("pypi", name="riverline", version=version("riverline"))
    made.metadata.component = _component(own, ComponentType.APPLICATION)
    made.register_dependency(made.metadata.component, made.components)
    return made


def python() -> Iterator[PackageURL]:
    """The packages of both locks."""
    for lock in LOCKS:
        for name, locked_version in locked((ROOT / lock).read_text()):
            yield PackageURL("pypi", name=name.lower().replace("_", "-"), version=locked_version)


def java() -> Iterator[PackageURL]:
    """What the stack names; Maven adds what these need."""
    elastic = (elastic_home.SERVER, elastic_home.NORI, *(module.jars for module in elastic_home.MODULES))
    folders = (*elastic, kafka_brokers.JARS, storm_home.DAEMONS, storm_home.WORKER, storm_home.FLUX)
    for coordinates in (one for folder in folders for one in folder.coordinates):
        group, artifact, jar_version = coordinates.split(":")[:3]
        yield PackageURL("maven", group, artifact, jar_version)


def javascript() -> Iterator[PackageURL]:
    """What the pages and their tests carry."""
    for listed in VENDORED:
        for package in orjson.loads(listed.read_bytes()):
            group, _, name = package["package"].rpartition("/")
            yield PackageURL("npm", group or None, name, package["version"])


def _component(purl: PackageURL, kind: ComponentType = ComponentType.LIBRARY) -> Component:
    return Component(
        type=kind, group=purl.namespace, name=purl.name, version=purl.version, purl=purl, bom_ref=purl.to_string()
    )


def main(target: str = "artefacts/sbom.cdx.json") -> None:
    path, made = Path(target), bill()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(JsonV1Dot6(made).output_as_string(indent=1) + "\n")
    print(f"{path}: {len(made.components)} components")


if __name__ == "__main__":
    main(*sys.argv[1:2])
