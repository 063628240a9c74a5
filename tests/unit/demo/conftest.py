import http.client
import io
import json
from dataclasses import dataclass

import pytest

from demo import truth
from demo.server import running
from demo.web import Web


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Client:
    """Speaks to the demo web over one real connection, as through a proxy."""

    connection: http.client.HTTPConnection

    def ask(self, url: str, method: str = "GET", **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, url, headers=named)
        response = self.connection.getresponse()
        return Reply(response.status, response.headers, response.read())


@pytest.fixture(scope="session")
def web():
    return Web()


@pytest.fixture(scope="session")
def records():
    return json.loads(truth.FILE.read_text("utf-8"))


@pytest.fixture
def log():
    return io.StringIO()


@pytest.fixture
def client(web, log):
    web.rewind()
    with running(log=log, web=web) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        yield Client(connection)
        connection.close()
