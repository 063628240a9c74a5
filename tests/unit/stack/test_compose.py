"""compose.yaml is in the form of the Compose Specification, and has the programs and ports of the local stack."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import yaml

from riverline.settings import ROOT, Settings
from riverline_stack.supervision.units import all_programs
from tests.support.docker import compose_variables

DEFAULT = re.compile(r"\$\{([A-Z0-9_]+(?:_PORT|_BUS|_CONTROLLER|_TRANSPORT)):-(\d+)\}")


def test_the_ports_without_variables_are_the_documented_ones(tmp_path: Path) -> None:
    wanted = compose_variables(Settings().placed(tmp_path))
    found = dict(DEFAULT.findall((ROOT / "compose.yaml").read_text()))
    documented = {name for name in found if name not in ("KIBANA_PORT", "ELASTICSEARCH_TRANSPORT")}
    assert {name: found[name] for name in documented} == {name: wanted[name] for name in documented}


def test_every_port_has_a_variable(tmp_path: Path) -> None:
    names = {name for name in compose_variables(Settings().placed(tmp_path)) if name.endswith("_PORT")}
    found = dict(DEFAULT.findall((ROOT / "compose.yaml").read_text()))
    assert names - found.keys() == set()


def services() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_it_has_the_form_of_the_compose_specification() -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text())
    found = yaml.safe_load((ROOT / "compose.yaml").read_text())
    wrong = [
        f"{error.instance_path}: {error.message}" for error in jsonschema_rs.validator_for(schema).iter_errors(found)
    ]
    assert wrong == []


def test_every_program_of_the_stack_has_a_service() -> None:
    wanted = {program.name.removeprefix("storm-").replace("crawler-1", "crawler") for program in all_programs()}
    assert wanted - {name.removeprefix("storm-") for name in services()} == set()


def test_what_a_service_waits_for_is_a_service() -> None:
    waited = {other for service in services().values() for other in service.get("depends_on", [])}
    assert waited <= services().keys()
