"""Workers' logs: what is shown of them, found in them, and to whom."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from riverline.errors import Invalid
from riverline_storm_ui.app import create_app
from riverline_storm_ui.logs import BLOCK, WorkerLogs
from tests.support.storm_nimbus import ID, Nimbus

FILE = f"{ID}/6700/worker.log"
HEADER = {"Authorization": "Bearer t"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log = tmp_path / "artifacts" / FILE
    log.parent.mkdir(parents=True)
    log.write_text("first line\n" + "x" * 200_000 + "\nlast <line>\n")
    (log.parent / "worker.yaml").write_text("secret")
    (tmp_path / "outside.log").write_text("outside")
    (log.parent / "link.log").symlink_to(tmp_path / "outside.log")
    return tmp_path / "artifacts"


def browser(folder: Path) -> FlaskClient:
    return create_app(lambda: nullcontext(Nimbus()), artifacts=folder, token="t").test_client()


@pytest.mark.parametrize("path", ["log", "search", "listLogs", "download"])
def test_logs_are_for_those_alone_who_have_the_token(folder: Path, path: str) -> None:
    assert browser(folder).get(f"/api/v1/{path}", query_string={"file": FILE}).status_code == 401


def test_who_opens_the_page_without_a_session_is_led_to_log_in(folder: Path) -> None:
    answer = browser(folder).get("/logviewer", query_string={"file": FILE})
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")


def test_the_last_part_is_shown_as_text(folder: Path) -> None:
    text = browser(folder).get("/logviewer", query_string={"file": FILE}, headers=HEADER).text
    assert "last &lt;line&gt;" in text and "first line" not in text and "Prev" in text


def test_a_part_begins_where_it_is_asked_to(folder: Path) -> None:
    logs = WorkerLogs(folder)
    assert logs.part(FILE, 6, 4).text == "line" and logs.part(FILE, 10**9).text == ""


@pytest.mark.parametrize(
    "file",
    ["", "../outside.log", f"{ID}/../../outside.log", "/etc/passwd", f"{ID}/6700/worker.yaml", f"{ID}/6700/link.log",
     f"{ID}/6700", f"{ID}/6700/worker.log\0"],
)  # fmt: skip
def test_nothing_but_a_worker_s_log_is_shown(folder: Path, file: str) -> None:
    answer = browser(folder).get("/api/v1/download", query_string={"file": file}, headers=HEADER)
    assert answer.status_code == 400


def test_a_search_says_where_the_words_stand(folder: Path) -> None:
    query = {"file": FILE, "search-string": "line"}
    found = browser(folder).get("/api/v1/search", query_string=query, headers=HEADER).json or {}
    places = [one["byteOffset"] for one in found["matches"]]
    assert places == [6, 200_018] and found["nextByteOffset"] is None
    assert found["matches"][0]["beforeString"] == "first " and found["matches"][1]["afterString"] == ">\n"


def test_a_search_goes_on_where_it_ended(folder: Path) -> None:
    logs = WorkerLogs(folder)
    first = logs.search(FILE, "line", 0, 1)
    assert (first["numMatches"], first["nextByteOffset"]) == (1, 200_018)
    assert [one["byteOffset"] for one in logs.search(FILE, "line", 200_018, 1)["matches"]] == [200_018]


def test_a_word_across_two_blocks_is_found_once(folder: Path) -> None:
    (folder / FILE).write_bytes(b"y" * (BLOCK - 2) + b"word" + b"y" * BLOCK + b"word")
    found = WorkerLogs(folder).search(FILE, "word")["matches"]
    assert [one["byteOffset"] for one in found] == [BLOCK - 2, 2 * BLOCK + 2]


def test_a_search_for_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(Invalid):
        WorkerLogs(folder).search(FILE, "")


def test_logs_are_listed_by_topology_and_port(folder: Path) -> None:
    ask = browser(folder)
    assert FILE in (ask.get("/api/v1/listLogs", headers=HEADER).json or [])
    assert ask.get("/api/v1/listLogs?topoId=other", headers=HEADER).json == []
    assert ask.get(f"/api/v1/listLogs?topoId={ID}&port=6701", headers=HEADER).json == []


def test_a_log_is_downloaded_whole(folder: Path) -> None:
    answer = browser(folder).get("/api/v1/download", query_string={"file": FILE}, headers=HEADER)
    assert answer.data == (folder / FILE).read_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment") and answer.mimetype == "text/plain"
