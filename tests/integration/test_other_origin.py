"""A page of another site, open in the browser in which the operator is logged in, against every port that the stack
listens on: it can send what it likes there, and nothing happens; and by a name that was bound to this machine
afterwards it reads nothing."""

from __future__ import annotations

import http.server
import shutil
import threading
import uuid
from collections.abc import Iterator

import httpx
import psutil
import pytest
from playwright.sync_api import Page, sync_playwright

from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.adapters.kafka.topics import connect_admin
from riverline.adapters.storm.nimbus import cluster_summary
from riverline.services import assemble
from riverline.settings import Settings
from riverline_stack.servers import redis_servers
from riverline_stack.servers.addresses import port_of
from riverline_stack.servers.replication import administering
from riverline_stack.servers.roles import leader_address
from riverline_stack.supervision import processes
from riverline_stack.supervision.supervise import Supervisor
from tests.support.elastic import elastic

pytestmark = pytest.mark.integration

SITE, REBOUND = "evil.example", "rebound.example"  # names that the browser is told to be this machine
KEY = "kept-from-other-origins"

# Pages that change something for who is logged in, as the operator's browser is here.
PAGES = (
    *(
        "/account/delete",
        "/account/email",
        "/account/log-out-everywhere",
        "/account/tokens",
        "/account/tokens/1/revoke",
    ),
    *("/feed/posts", "/join", "/login", "/logout", "/people/1/follow", "/removals", "/removals/1/lift"),
    *("/targets", "/targets/keywords", "/pipeline/dead-letters", "/pipeline/parked-jobs"),
)
# Tables that would show it.
TABLES = ("user", "follower", "post", "api_token", "browser_session", "login_link", "crawl_target", "taken_down")

# What a page can send without being asked first: simple requests, with bodies in the languages of the servers.
ATTACK = """async ([port, bodies]) => {
  const url = `http://127.0.0.1:${port}`;
  const send = (path, options) => fetch(url + path, {mode: "no-cors", credentials: "include", ...options,
      signal: AbortSignal.timeout(2000)}).then(() => "sent", error => String(error));
  const kinds = ["text/plain", "application/x-www-form-urlencoded"];
  const sent = [];
  for (const [path, body] of bodies)
    for (const kind of kinds)
      sent.push(send(path, {method: "POST", headers: {"content-type": kind}, body}));
  sent.push(send("/", {method: "GET"}), send("/", {method: "HEAD"}));
  return Promise.all(sent);
}"""


class Quiet(http.server.BaseHTTPRequestHandler):
    """The other site: one page, with nothing on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of the other site."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium on this machine (on Debian: apt-get install chromium)")
    names = f"--host-resolver-rules=MAP {SITE} 127.0.0.1, MAP {REBOUND} 127.0.0.1"
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", names])
        opened = browser.new_context().new_page()
        opened.goto(f"http://{SITE}:{server.server_port}/")
        yield opened
        browser.close()
        server.shutdown()


def listening(settings: Settings) -> list[int]:
    """Every port that a program of the stack listens on."""
    found = set()
    for process in processes.owned(settings.home):
        for entry in process.net_connections("tcp"):
            if entry.status == psutil.CONN_LISTEN:
                found.add(entry.laddr.port)
    return sorted(found)


def bodies(index: str) -> list[tuple[str, str]]:
    """Paths and bodies that would write or delete something, were they understood and let in."""
    return [
        (f"/{index}/_delete_by_query?refresh=true", '{"query":{"match_all":{}}}'),
        (f"/{index}/_doc?refresh=true", '{"text":"another"}'),
        ("/_bulk", f'{{"delete":{{"_index":"{index}","_id":"1"}}}}\n'),
        ("/", f"\r\nDEL {KEY}\r\nSET {KEY} 2\r\nFLUSHALL\r\nSHUTDOWN NOSAVE\r\n"),
        ("/RPC2", "<methodCall><methodName>supervisor.shutdown</methodName></methodCall>"),
        ("/api/v1/users", '{"email":"another@evil.example","name":"another"}'),
        ("/api/v1/crawl/targets", '{"name":"evil","start_urls":["http://evil.example/"]}'),
        *((path, "email=another@evil.example&name=another&contents=evil&reason=evil") for path in PAGES),
    ]


def seen(settings: Settings, index: str) -> dict[str, object]:
    """What must be as it was: a document, a key in each Redis, topics, topologies, who runs since when."""
    with elastic(settings) as client:
        client.post(f"/{index}/_refresh").raise_for_status()
        documents = client.get(f"/{index}/_search").raise_for_status().json()["hits"]["hits"]
    kept = []
    for address in (settings.celery.broker, *settings.redis.nodes):
        with redis_servers.administering(settings, address) as server:
            kept.append([server.config_get("dir")["dir"], KEY in server.keys("kept-*")])
    admin = connect_admin(settings)
    topics = sorted(admin.list_topics())
    admin.close()
    with administering(settings, leader_address(settings)) as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT COUNT(*) FROM `{settings.mysql.database}`.`{table}`")
            rows[table] = cursor.fetchall()
    states = Supervisor(settings).states().values()
    return {
        "documents": [(one["_id"], one["_source"]) for one in documents],
        "redis": kept,
        "rows": rows,
        "topics": topics,
        "topologies": [each.id for each in cluster_summary(settings.storm.nimbus).topologies],
        "programs": sorted((state.name, state.pid) for state in states),
    }


def logged_in(page: Page, settings: Settings) -> Page:
    """A page of the site in the same browser, in which an administrator with an account is logged in."""
    site, services = f"http://{settings.api.site}", assemble(settings)
    person = {"email": f"{uuid.uuid4().hex}@example.org", "name": "Operator"}
    made = httpx.post(f"{site}/api/v1/users", json=person, trust_env=False).raise_for_status().json()
    secret = new_token()
    services.tokens.add(digest_of(secret), made["id"], [ADMIN], "operator", None)
    services.log.close()
    own = page.context.new_page()
    own.goto(f"{site}/login")
    own.locator("details summary").last.click()
    own.fill("#token", secret)
    own.press("#token", "Enter")
    own.wait_for_url(f"{site}/feed")
    return own


def test_another_site_writes_nothing_on_any_port_and_reads_nothing_by_another_name(stack: Settings, page: Page) -> None:
    index = f"kept-{uuid.uuid4().hex[:8]}"
    with elastic(stack) as client:
        client.put(f"/{index}/_doc/1", json={"text": "kept"}).raise_for_status()
    with redis_servers.administering(stack, stack.celery.broker) as server:
        server.set(KEY, "1")
    own = logged_in(page, stack)
    ports, before = listening(stack), seen(stack, index)
    named = {port_of(stack.celery.broker), *map(port_of, stack.kafka.bootstrap), *map(port_of, stack.redis.nodes)}
    assert named <= set(ports)
    try:
        for port in ports:
            page.evaluate(ATTACK, [port, bodies(index)])
        assert seen(stack, index) == before
        answer = own.goto(f"http://{stack.api.site}/account")
        assert answer and answer.status == 200
        read = {port: rebound(page, port) for port in ports if port != port_of(stack.demo.address)}
        assert {port: text for port, text in read.items() if text} == {}
    finally:
        with elastic(stack) as client:
            client.delete(f"/{index}").raise_for_status()
        with redis_servers.administering(stack, stack.celery.broker) as server:
            server.delete(KEY)


def rebound(page: Page, port: int) -> str:
    """What a page at that port reads of it, by a name that was bound to this machine; nothing where it is refused."""
    assert page.context.browser
    other = page.context.browser.new_page()
    try:
        answer = other.goto(f"http://{REBOUND}:{port}/", timeout=3_000, wait_until="commit")
        return "" if answer is None or answer.status >= 400 else answer.text()[:200]
    except Exception:  # no HTTP, or closed: Playwright has many words for it
        return ""
    finally:
        other.close()
