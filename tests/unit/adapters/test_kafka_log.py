"""What Kafka's log does when a broker answers that it is not, or no longer, the one to be asked."""

import pytest
from kafka import errors

from riverline.adapters.kafka import log
from riverline.errors import Transient
from riverline.settings import Settings


class Admin:
    """Asks for ever the coordinator that it has found once."""

    def __init__(self, failure: Exception | None) -> None:
        self._failure, self.closed = failure, False

    def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[object, object]]:
        if self._failure:
            raise self._failure
        return {group: {} for group in groups}

    def list_topics(self) -> list[str]:
        if self._failure:
            raise self._failure
        return ["crawl.a.example"]

    def close(self) -> None:
        self.closed = True


def test_a_coordinator_that_is_one_no_longer_is_looked_for_anew(monkeypatch) -> None:
    first, second = Admin(errors.NotCoordinatorError()), Admin(None)
    admins = iter((first, second))
    monkeypatch.setattr(log, "connect_admin", lambda *_: next(admins))
    assert log.KafkaLog(Settings()).committed(["crawl.a.example"]) == {}
    assert (first.closed, second.closed) == (True, False)


def test_a_client_whose_controller_died_is_replaced_before_topics_are_made_again(monkeypatch) -> None:
    """It keeps the controller's number, and says that there is no such broker until that one is back and it is new."""
    first, second = Admin(errors.UnknownBrokerIdError(2)), Admin(None)
    admins = iter((first, second))
    monkeypatch.setattr(log, "connect_admin", lambda *_: next(admins))
    kafka = log.KafkaLog(Settings())
    with pytest.raises(Transient, match="topics could not be made"):
        kafka._create(["crawl.a.example"])
    kafka._create(["crawl.a.example"])
    assert (first.closed, second.closed) == (True, False)
