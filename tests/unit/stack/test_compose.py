"""compose.yaml has the form of the Compose Specification, and the programs of the local stack."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from riverline.settings import ROOT, Settings
from riverline_stack.servers.passwords import SHARED, make
from riverline_stack.supervision import compose
from riverline_stack.supervision.units import all_programs

OWN, OFFICIAL = ROOT / "compose.yaml", ROOT / "compose.official.yaml"
FILES = pytest.mark.parametrize("file", [OWN, OFFICIAL], ids=lambda path: path.name)


def services(file: Path = OWN) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text())["services"])


@FILES
def test_it_has_the_form_of_the_compose_specification(file: Path) -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text())
    found = yaml.safe_load(file.read_text())
    wrong = [
        f"{error.instance_path}: {error.message}" for error in jsonschema_rs.validator_for(schema).iter_errors(found)
    ]
    assert wrong == []


@FILES
def test_every_program_of_the_stack_has_a_service(file: Path) -> None:
    def short(name: str) -> str:
        return name.removeprefix("storm-").replace("crawler-1", "crawler")

    assert {short(program.name) for program in all_programs()} - set(map(short, services(file))) == set()


@FILES
def test_what_a_service_waits_for_is_a_service(file: Path) -> None:
    found = services(file)
    assert {other for service in found.values() for other in service.get("depends_on", [])} <= found.keys()


def test_it_is_what_is_written_from_the_programs() -> None:
    assert compose.composed(all_programs()) == OWN.read_text(), "make units"


def test_nothing_but_the_site_is_published_and_nothing_has_rights_that_it_does_not_need() -> None:
    found = services()
    assert [name for name, service in found.items() if "ports" in service] == ["nginx"]
    assert all(service["cap_drop"] == ["ALL"] for service in found.values())
    assert all("mem_limit" in found[program.name] for program in all_programs())


def test_each_container_listens_on_an_address_of_its_own() -> None:
    hosts = {
        name: service["environment"]["RIVERLINE_STACK__HOST"]
        for name, service in services().items()
        if "healthcheck" in service and name != "storm-ui"
    }
    assert len(set(hosts.values())) == len(hosts)
    told = yaml.safe_load(OWN.read_text())["x-settings"]["environment"]
    for name, whose in compose.ADDRESSES.items():
        assert [one.rpartition(":")[0] for one in told[name].split(",")] == [
            hosts["storm-supervisor" if one == "storm-ui" else one] for one in whose
        ]


def test_its_settings_are_settings_of_the_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in services()["kafka-1"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value))
    monkeypatch.setenv("RIVERLINE_HOME", str(tmp_path))
    settings = Settings.load()
    assert settings.kafka.bootstrap[0] == f"{settings.stack.host}:9092" == "10.93.9.10:9092"


def test_the_image_has_a_folder_for_every_volume(tmp_path: Path) -> None:
    compose.make_folders(Settings().placed(tmp_path))
    mounted = {one.partition(":")[2] for service in services().values() for one in service["volumes"]}
    missing = [path for path in mounted if not (tmp_path / path.removeprefix(f"{compose.HOME}/")).is_dir()]
    assert missing == []


def test_hosts_and_containers_share_the_same_passwords(tmp_path: Path) -> None:
    make(Settings().placed(tmp_path))
    assert {path.name for path in (tmp_path / "secrets").iterdir()} == set(SHARED)
    script = (ROOT / "ops" / "ansible" / "deploy.sh").read_text()
    [listed] = re.findall(r"for name in (.*?); do", script, re.S)
    assert set(listed.replace("\\", " ").split()) == set(SHARED)
