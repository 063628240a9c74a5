"""The tasks' own figures on Storm's pages: as the site says, and nothing where it does not."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from riverline.errors import Transient
from riverline_storm_ui.app import create_app
from riverline_storm_ui.own_figures import MOST_TOPICS, OwnFigures, over_http, steps
from tests.support.storm_nimbus import ID, NOW, Nimbus


def stage(name: str, **changed: Any) -> dict[str, Any]:
    return {"name": name, "done_rate": 20.0, "latency_ms": 12.5, "p99_ms": 40.0, "lag": None} | changed


TOPICS = [{"topic": "crawl.a.example", "records": 9, "written": 12, "committed": 5, "lag": 7}]
SAID = {"stages": [stage("pages", lag=7), stage("parse"), stage("index")], "topics": TOPICS}


class Spouts(Nimbus):
    """Whose component is the spout."""

    def getComponentPageInfo(self, topology: str, component: str, window: str, system: bool) -> Any:
        page = super().getComponentPageInfo(topology, component, window, system)
        page.component_type, page.window_to_stats, page.exec_stats = 2, {}, []
        page.gsid_to_input_stats = page.sid_to_output_stats = {}
        return page


def client(said: Any, topology: str = "content") -> FlaskClient:
    def ask() -> Any:
        if isinstance(said, Exception):
            raise said
        return said

    figures = OwnFigures(topology, ask)
    app = create_app(lambda: nullcontext(Spouts()), lambda: NOW, artifacts=Path("/nowhere"), own=figures)
    return app.test_client()


def test_a_step_is_timed_by_its_process_and_busy_is_by_executor() -> None:
    pages, parse, index = steps(SAID, {"parse": 2, "index": 1})
    assert (parse["rate"], parse["step"], parse["p99"], parse["busy"]) == ("20.0", "12.5", "40.0", "0.125")
    assert (pages["lag"], pages["step"], index["busy"]) == (7, "", "")


def test_the_topology_s_page_shows_them() -> None:
    text = client(SAID).get(f"/topology.html?id={ID}").text
    assert "own figures" in text and "<td>12.5<td>40.0<td>0.125" in text


def test_the_spout_s_page_shows_the_lag_by_topic_and_how_many_more_there_are() -> None:
    path = f"/component.html?id=pages&topology_id={ID}"
    assert "<td>crawl.a.example<td>12<td>5<td>7" in client(SAID).get(path).text
    many = {**SAID, "topics": [{**TOPICS[0], "topic": f"crawl.{n}.example"} for n in range(MOST_TOPICS + 3)]}
    assert "3 more topics have lag" in client(many).get(path).text
    assert "Nothing waits" in client({**SAID, "topics": [{**TOPICS[0], "lag": 0}]}).get(path).text


def test_the_lag_has_storm_s_form() -> None:
    told = client(SAID).get(f"/api/v1/topology/{ID}/lag").json
    partition = {"consumerCommittedOffset": 5, "partitionLatestOffset": 12, "lag": 7}
    assert told == {
        "pages": {"spoutId": "pages", "spoutType": "KAFKA", "spoutLagResult": {"crawl.a.example": {"all": partition}}}
    }


def test_while_the_site_does_not_answer_the_pages_say_so() -> None:
    away = client(Transient("the site does not say: refused"))
    assert "not known now: the site does not say" in away.get(f"/topology.html?id={ID}").text
    assert "not known now" in away.get(f"/component.html?id=pages&topology_id={ID}").text
    assert "does not say" in (away.get(f"/api/v1/topology/{ID}/lag").json or {})["pages"]["errorInfo"]


def test_of_another_topology_the_site_knows_nothing() -> None:
    other = client(SAID, "another")
    assert "own figures" not in other.get(f"/topology.html?id={ID}").text
    assert "nothing is known" in (other.get(f"/api/v1/topology/{ID}/lag").json or {})["pages"]["errorInfo"]


@pytest.mark.parametrize("status", [200, 503])
def test_the_site_is_asked_over_http(status: int) -> None:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"stages": []}')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        if status == 200:
            assert over_http(address) == {"stages": []}
        else:
            with pytest.raises(Transient, match="503"):
                over_http(address)


def test_a_site_that_is_not_there_is_transient() -> None:
    with pytest.raises(Transient, match="does not say"):
        over_http("127.0.0.1:1")
