"""The programs of the web's side and of the crawl."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from pydantic import SecretStr

from riverline.settings import Settings
from riverline_stack.servers.application_programs import CRAWLER, programs
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import render

KEY = "a-key-of-youtube"


def crawlers(home: Path, key: str) -> tuple[Settings, list[Program]]:
    settings = Settings()
    crawl = settings.crawl.model_copy(update={"processes": 2, "youtube_key": SecretStr(key)})
    settings = settings.placed(home).model_copy(update={"crawl": crawl})
    return settings, [program for program in programs(settings) if program.name.startswith(CRAWLER)]


def test_a_key_of_youtube_reaches_each_crawler_by_its_environment_and_no_file_that_others_may_read(
    tmp_path: Path,
) -> None:
    settings, found = crawlers(tmp_path, KEY)
    assert len(found) == 2
    render(settings, found)
    holding = [file for file in tmp_path.rglob("*") if file.is_file() and KEY in file.read_text()]
    assert {file.name for file in holding} == {f"{program.name}.json" for program in found}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in holding)
    for file in holding:
        specification = json.loads(file.read_text())
        assert specification["environment"] == {"RIVERLINE_CRAWL__YOUTUBE_KEY": KEY}
        assert KEY not in " ".join(specification["command"])


def test_without_a_key_crawlers_get_none(tmp_path: Path) -> None:
    _, found = crawlers(tmp_path, "")
    assert all(program.environment == {} for program in found)
