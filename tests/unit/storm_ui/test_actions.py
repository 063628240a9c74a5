"""Who may change a topology on Storm's pages, and that Nimbus is told what was asked for."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from riverline_storm_ui.access import SESSION_SECONDS, TokenAccess
from riverline_storm_ui.app import create_app
from tests.support.storm_nimbus import ID, NOW, Nimbus

TOKEN = "a-token"
HEADER = {"Authorization": f"Bearer {TOKEN}"}
PATH = f"/api/v1/topology/{ID}"
RESTART = "profiling/restartworker/127.0.0.1:6700"
CHANGES = [
    "activate",
    "deactivate",
    "rebalance/1",
    "kill/5",
    "debug/enable/10",
    "component/parse/debug/enable/10",
    RESTART,
]


class Opened:
    """A browser with the pages, and the Nimbus behind them."""

    def __init__(self, folder: Path = Path("/nowhere"), token: str = TOKEN) -> None:
        self.nimbus = Nimbus()
        app = create_app(lambda: nullcontext(self.nimbus), lambda: NOW, artifacts=folder, token=token)
        self.browser: FlaskClient = app.test_client()

    def log_in(self) -> str:
        """The proof that the pages of the new session hold."""
        answer = self.browser.post("/login", data={"token": TOKEN, "next": "/"})
        assert answer.status_code == 303 and "SameSite=Strict" in answer.headers["Set-Cookie"]
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        found = re.search(r'name="csrf" value="(\w+)"', self.browser.get(f"/topology.html?id={ID}").text)
        assert found
        return found[1]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a-token"}])
def test_nothing_is_changed_without_the_token(path: str, headers: dict[str, str]) -> None:
    opened = Opened()
    answer = opened.browser.post(f"{PATH}/{path}", headers=headers)
    assert (answer.status_code, opened.nimbus.done) == (401, [])


def test_where_there_is_no_token_nobody_has_it() -> None:
    opened = Opened(token="")
    for headers in ({"Authorization": "Bearer "}, {}):
        assert opened.browser.post(f"{PATH}/activate", headers=headers).status_code == 401
    assert opened.browser.post("/login", data={"token": ""}).status_code == 401


@pytest.mark.parametrize("path", [f"{PATH}/{change}" for change in CHANGES] + [f"{PATH}/logconfig", "/logout"])
@pytest.mark.parametrize("proof", [None, "wrong"])
def test_another_page_s_form_changes_nothing_though_the_browser_sends_the_session(path: str, proof: str | None) -> None:
    opened = Opened()
    opened.log_in()
    data = {"csrf": proof} if proof else {"logger": "ROOT"}
    assert opened.browser.post(path, data=data).status_code == 403 and opened.nimbus.done == []


def test_a_page_s_own_form_changes_what_it_says() -> None:
    opened = Opened()
    proof = opened.log_in()
    answer = opened.browser.post(f"{PATH}/deactivate", data={"csrf": proof})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/topology.html?id={ID}")
    assert opened.nimbus.done == [("deactivate", "content")]


def test_the_proof_goes_in_storm_s_header_too() -> None:
    opened = Opened()
    answer = opened.browser.post(f"{PATH}/activate", headers={"X-CSRF-Token": opened.log_in()})
    assert answer.json == {"topologyOperation": "activate", "topologyId": ID, "status": "success"}


def test_a_rebalance_takes_storm_s_body() -> None:
    opened = Opened()
    body = {"rebalanceOptions": {"numWorkers": 2, "executors": {"parse": "3"}}}
    assert opened.browser.post(f"{PATH}/rebalance/5", json=body, headers=HEADER).status_code == 200
    ((what, name, options),) = opened.nimbus.done
    assert (what, name) == ("rebalance", "content")
    assert (options.wait_secs, options.num_workers, options.num_executors) == (5, 2, {"parse": 3})


def test_a_rebalance_by_form_changes_only_what_was_filled_in() -> None:
    opened = Opened()
    data = {"csrf": opened.log_in(), "numWorkers": "", "executors.parse": "2", "executors.pages": ""}
    opened.browser.post(f"{PATH}/rebalance/1", data=data)
    options = opened.nimbus.done[0][2]
    assert (options.num_workers, options.num_executors) == (None, {"parse": 2})


@pytest.mark.parametrize(
    "options",
    [{"numWorkers": 0}, {"numWorkers": "x"}, {"numWorkers": True}, [], 1, {"executors": {"parse": -1}},
     {"executors": [1]}],
)  # fmt: skip
def test_a_rebalance_that_means_nothing_is_refused(options: Any) -> None:
    opened = Opened()
    answer = opened.browser.post(f"{PATH}/rebalance/1", json={"rebalanceOptions": options}, headers=HEADER)
    assert (answer.status_code, opened.nimbus.done) == (400, [])


def test_a_kill_by_form_wants_the_topology_s_name() -> None:
    opened = Opened()
    proof = opened.log_in()
    assert opened.browser.post(f"{PATH}/kill/5", data={"csrf": proof, "name": "other"}).status_code == 400
    assert opened.nimbus.done == []
    assert opened.browser.post(f"{PATH}/kill/5", data={"csrf": proof, "name": "content"}).headers["Location"] == "/"
    assert opened.nimbus.done[0][:2] == ("killTopologyWithOpts", "content")
    assert opened.nimbus.done[0][2].wait_secs == 5


def test_a_component_is_debugged_by_percent() -> None:
    opened = Opened()
    assert opened.browser.post(f"{PATH}/component/parse/debug/enable/2.5", headers=HEADER).status_code == 200
    assert opened.browser.post(f"{PATH}/debug/enable/101", headers=HEADER).status_code == 400
    assert opened.nimbus.done == [("debug", "content", "parse", True, 2.5)]


def test_one_worker_is_restarted_by_its_address() -> None:
    opened = Opened()
    answer = opened.browser.post(f"{PATH}/{RESTART}", headers=HEADER)
    assert answer.json == {"topologyOperation": "restartworker", "topologyId": ID, "status": "success"}
    ((what, topology, request),) = opened.nimbus.done
    assert (what, topology, request.action) == ("setWorkerProfiler", ID, 5)
    assert (request.nodeInfo.node, request.nodeInfo.port) == ("127.0.0.1", {6700})


def test_the_page_has_a_button_for_each_worker_where_one_may_use_it() -> None:
    opened = Opened()
    shown = f'action="{PATH}/profiling/restartworker/127.0.0.1%3A6700"'
    assert shown not in opened.browser.get(f"/topology.html?id={ID}").text
    opened.log_in()
    assert shown in opened.browser.get(f"/topology.html?id={ID}").text


@pytest.mark.parametrize("address", ["127.0.0.1:6701", "10.0.0.9:6700", "6700", "127.0.0.1:x"])
def test_a_worker_that_is_none_of_the_topology_s_is_not_restarted(address: str) -> None:
    opened = Opened()
    answer = opened.browser.post(f"{PATH}/profiling/restartworker/{address}", headers=HEADER)
    assert (answer.status_code, opened.nimbus.done) == (400, [])


def test_a_log_level_is_set_for_a_time_and_taken_back() -> None:
    opened = Opened()
    levels = {"org.apache": {"target_level": "DEBUG", "timeout": 60}, "ROOT": {"target_level": None}}
    answer = opened.browser.post(f"{PATH}/logconfig", json={"namedLoggerLevels": levels}, headers=HEADER)
    assert answer.json and answer.json["namedLoggerLevels"]["ROOT"]["target_level"] == "DEBUG"
    (_, _, first), (_, _, second) = opened.nimbus.done
    level = first.named_logger_level["org.apache"]
    assert (level.action, level.target_log_level, level.reset_log_level_timeout_secs) == (2, "DEBUG", 60)
    assert second.named_logger_level["ROOT"].action == 3


def test_a_level_that_log4j_does_not_know_is_refused() -> None:
    opened = Opened()
    body = {"namedLoggerLevels": {"ROOT": {"target_level": "LOUD"}}}
    assert opened.browser.post(f"{PATH}/logconfig", json=body, headers=HEADER).status_code == 400


def test_another_topology_is_unknown() -> None:
    assert Opened().browser.post("/api/v1/topology/other-1/kill/1", headers=HEADER).status_code == 404


def test_a_session_ends_and_is_nobody_else_s() -> None:
    later = [NOW]
    access = TokenAccess(TOKEN, lambda: later[0])
    session = access.session()
    assert access.is_session(session) and not TokenAccess("other", lambda: NOW).is_session(session)
    assert not access.is_session(session.replace(session[0], "9", 1)) and not access.is_session("")
    later[0] += SESSION_SECONDS
    assert not access.is_session(session)


def test_a_log_out_ends_the_session_of_the_browser() -> None:
    opened = Opened()
    opened.browser.post("/logout", data={"csrf": opened.log_in()})
    assert opened.browser.post(f"{PATH}/activate").status_code == 401
