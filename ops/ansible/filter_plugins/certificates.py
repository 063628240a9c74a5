"""Certificates of hosts, signed with the inventory's authority: Ansible's filter `riverline_certificate`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "riverline_stack" / "servers" / "certificates.py"


def riverline_certificate(authority: Mapping[str, str], names: Sequence[str]) -> str:
    """A key and a certificate for a host of these names and addresses, another one each time."""
    found = importlib.util.spec_from_file_location("certificates", SOURCE)
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    made: str = module.issued(authority["certificate"], authority["key"], ["localhost", "127.0.0.1", *names])
    return made


class FilterModule:
    """What Ansible asks a file of filters for."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"riverline_certificate": riverline_certificate}
