"""The real servers, started once for the whole run, on ports and in folders of their own.

However the run ends, they end too: with the session, or, when this process is killed, by the stack's own watch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from riverline.settings import ROOT, Settings
from tests.support.lanes import Lanes, claimed, give_way, stacks
from tests.support.suite_times import SuiteTimes

if TYPE_CHECKING:
    from riverline.services import Services

# A run must not fail by luck: the examples of a law are the same each time, and a machine under load is no failure.
# `make laws` looks for others.
hypothesis_settings.register_profile(
    "riverline", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.register_profile("exploring", hypothesis_settings.get_profile("riverline"), derandomize=False)
hypothesis_settings.load_profile("riverline")

OFFSETS = (20_000, 23_000)  # above the documented ports, of each stack
LONG = ("CHAOS", "ANSWERS", "DRILL", "SOAK_MINUTES")  # runs that measure what users get, with all that they wait for
MESSAGE_TIMEOUT = 20  # seconds, of Storm: what a kill takes with it comes again after one to two of them
if os.environ.get("CONTAINERS"):
    pytest_plugins = ["tests.support.composed"]
HOMES = (ROOT / ".riverline" / "test", ROOT / ".riverline" / "test-2")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SuiteTimes())
    if "PYTEST_XDIST_WORKER" in os.environ:
        give_way()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    config.option.loadscopereorder = False  # the long ones stand at the beginning
    return Lanes(config, log)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets the log up on the stream that is the error stream just then."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@cache
def own_place() -> int:
    """Which of the stacks is this process' own, as the number of its folder and ports."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return claimed(HOMES[: stacks(workers)])


def own_settings() -> Settings:
    """Without a crawler of its own: tests say themselves what is crawled, and when. Without limits of requests: all
    tests come from one address, and one would be refused for what the others asked. Storm gives up on a tuple sooner,
    but in the long runs."""
    shifted = Settings().shifted(OFFSETS[own_place()])
    crawl = shifted.crawl.model_copy(update={"processes": 0, "private": ("127.0.0.0/8", "localhost")})
    api = shifted.api.model_copy(update={"token_per_minute": 0, "address_per_minute": 0})
    accounts = shifted.accounts.model_copy(update={"per_hour": 0, "exports_per_hour": 0})
    timeout = {} if any(map(os.environ.get, LONG)) else {"message_timeout": MESSAGE_TIMEOUT}
    topology = shifted.topology.model_copy(update=timeout)
    own = {"crawl": crawl, "api": api, "accounts": accounts, "topology": topology}
    return shifted.placed(HOMES[own_place()]).model_copy(update=own)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The settings of a stack that is up: all servers, the applications and the topology. With CONTAINERS it is that of
    compose.yaml, for tests that ask servers by their addresses alone."""
    if os.environ.get("CONTAINERS"):
        yield request.getfixturevalue("composed")
        return
    from riverline_stack.servers import servers
    from riverline_stack.supervision import lifecycle  # here, so that unit tests do not wait for it
    from riverline_stack.up import up
    from tests.support.stack import Told

    settings = own_settings()
    lifecycle.down(settings, servers.programs(settings), Told())
    lifecycle.forget(settings)
    try:
        up(settings, Told(), lease=os.getpid())
        yield settings
    finally:
        lifecycle.down(settings, servers.programs(settings), Told())


@pytest.fixture(scope="module")
def services(stack: Settings) -> Iterator[Services]:
    """What works on the stack's servers, as any of its programs has it."""
    from riverline.services import assemble  # here, so that unit tests do not wait for it

    services = assemble(stack)
    yield services
    services.log.close()


@pytest.fixture(scope="session")
def environment(stack: Settings) -> dict[str, str]:
    """The environment of a command that speaks with the stack."""
    return {**os.environ, **stack.environment()}
