"""`/health/live` and `/health/ready`."""

from riverline.errors import Transient
from tests.unit.api.conftest import Desk


def fine() -> None:
    """A server that is there."""


def away() -> None:
    raise Transient("nobody is at home")


def test_the_process_is_alive_whatever_the_servers_do():
    assert Desk({"kafka": away}).get("/health/live").status_code == 200


def test_it_is_ready_when_every_server_is():
    answer = Desk({"kafka": fine, "nimbus": fine}).get("/health/ready")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "servers": {"kafka": "ok", "nimbus": "ok"}}


def test_it_is_not_ready_when_one_server_is_not_and_says_which_and_why():
    answer = Desk({"kafka": away, "nimbus": fine}).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["servers"] == {"kafka": "nobody is at home", "nimbus": "ok"}
