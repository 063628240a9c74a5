"""config.json as the stack writes it, and what a topology leaves to it."""

from __future__ import annotations

import importlib
import json

from riverline.settings import Settings
from riverline_stack.release.topology import configuration


def test_the_stack_s_environment_has_the_workers_of_the_settings() -> None:
    local = json.loads(configuration(Settings.model_validate({"topology": {"workers": 3}})))["envs"]["local"]
    assert (local["options"]["topology.workers"], local["options"]["topology.acker.executors"]) == (3, 3)


def test_storm_counts_every_tuple() -> None:
    assert importlib.import_module("topologies.content").Content.config["topology.stats.sample.rate"] == 1.0


def test_the_topology_leaves_to_the_environment_what_it_names() -> None:
    own = importlib.import_module("topologies.content").Content.config
    assert [name for name in own if name.startswith("pystorm.") or name in ("topology.workers",)] == []
