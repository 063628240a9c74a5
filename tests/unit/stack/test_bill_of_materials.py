"""What Riverline is made of, as CycloneDX."""

from __future__ import annotations

import json
from pathlib import Path

from cyclonedx.model.bom import Bom

from riverline.settings import ROOT
from riverline_stack.advisories import locked
from riverline_stack.bill_of_materials import main


def test_the_bill_can_be_read_and_names_every_package(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    main(str(target))
    written = json.loads(target.read_text())
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert len(Bom.from_json(written).components) == len(written["components"])
    purls = {one["purl"] for one in written["components"]}
    for name, version in locked((ROOT / "requirements.lock").read_text()):
        assert f"pkg:pypi/{name.lower().replace('_', '-')}@{version}" in purls
    assert any(one.startswith("pkg:maven/org.apache.kafka/") for one in purls)
    assert any(one.startswith("pkg:npm/htmx.org@") for one in purls)
