"""What is written down of the topology that was submitted."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.release import topology


def test_after_an_interrupted_submission_nothing_is_said_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Settings(home=tmp_path)
    topology.folder(before).mkdir(parents=True)
    topology.note(before)
    slow = before.model_copy(update={"topology": before.topology.model_copy(update={"parsers": 3})})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(topology, "runs", lambda _: True)
    monkeypatch.setattr(topology, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        topology.submit(slow, Path("any.jar"), print)
    submitted: list[object] = []
    monkeypatch.setattr(topology, "put", lambda *given: submitted.append(given))
    topology.submit(before, Path("any.jar"), print)
    assert submitted
