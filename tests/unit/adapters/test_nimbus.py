"""Asking Nimbus, where there is none."""

import socket

import pytest

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Transient


def test_a_nimbus_that_is_away_is_a_reason_to_try_again():
    with pytest.raises(Transient, match=r"does not answer at 127\.0\.0\.1:1"), nimbus_client("127.0.0.1:1"):
        pass


def test_a_nimbus_that_is_silent_is_given_up_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Transient, match="does not answer"), nimbus_client(address, timeout=0.1) as nimbus:
            nimbus.getLeader()
