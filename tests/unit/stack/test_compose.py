"""compose.yaml and the settings speak of the same ports."""

from __future__ import annotations

import re
from pathlib import Path

from riverline.settings import ROOT, Settings
from tests.support.docker import compose_variables

DEFAULT = re.compile(r"\$\{([A-Z0-9_]+(?:_PORT|_BUS|_CONTROLLER|_TRANSPORT)):-(\d+)\}")


def test_the_ports_without_variables_are_the_documented_ones(tmp_path: Path) -> None:
    wanted = compose_variables(Settings().model_copy(update={"home": tmp_path}))
    found = dict(DEFAULT.findall((ROOT / "compose.yaml").read_text()))
    documented = {name for name in found if name not in ("KIBANA_PORT", "ELASTICSEARCH_TRANSPORT")}
    assert {name: found[name] for name in documented} == {name: wanted[name] for name in documented}


def test_every_port_has_a_variable(tmp_path: Path) -> None:
    names = {
        name for name in compose_variables(Settings().model_copy(update={"home": tmp_path})) if name.endswith("_PORT")
    }
    found = dict(DEFAULT.findall((ROOT / "compose.yaml").read_text()))
    assert names - found.keys() == set()
