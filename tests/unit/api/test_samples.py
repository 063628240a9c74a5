"""The samples of the guide to the API, run as they stand there against the API around in-memory stores."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from riverline.settings import ROOT
from tests.support.site import filled, served

GUIDE = (ROOT / "docs" / "how-to" / "use-the-api.md").read_text()
LANGUAGES = {"sh": ["bash", "-eu"], "python": [sys.executable, "-"], "js": ["node", "--input-type=module", "-"]}


def samples(language):
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.M | re.S)


@pytest.fixture(scope="module")
def address():
    server = served(filled().app())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def run(language, sample, address):
    program, *rest = LANGUAGES[language]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")
    asked = {**os.environ, "SITE": address, "NO_PROXY": "127.0.0.1"}
    ended = subprocess.run([program, *rest], input=sample, env=asked, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_samples_for_the_shell_work_in_their_order(address):
    out = run("sh", "\necho; echo ----\n".join(samples("sh")), address)
    _, found, filtered, me, timeline, refused, table = [part.strip() for part in out.split("----")]
    assert len(json.loads(found)["items"]) == 3
    assert {one["content_type"] for one in json.loads(filtered)["items"]} <= {"article", "video"}
    assert json.loads(me)["user"]["name"] == "미나"
    first, again, all_ = (json.loads(text) for text in timeline.replace("}{", "}\n{").splitlines())
    assert first["id"] == again["id"] and [one["id"] for one in all_["items"]] == [first["id"]]
    assert json.loads(refused)["status"] == 422
    assert table.splitlines()[0] == "at,documents"


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_samples_of_a_language_work(address, language):
    paged, posted = (run(language, sample, address) for sample in samples(language))
    assert int(paged.split()[0]) > 10
    assert posted.strip() in ("['hello']", "1 post")


def test_every_language_shows_the_same():
    assert len(samples("python")) == len(samples("js")) == 2
