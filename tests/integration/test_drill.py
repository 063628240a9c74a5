"""A drill: a stage is made slow. It is told within a minute, the topology grows, the lag falls, the end is told.

`make drill` waits for the end; without it the drill is over when the lag falls.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline_monitor.autoscaler import policy_of
from riverline_monitor.sources.storm import executors_of
from riverline_monitor.wiring import build
from tests.support.load import Load
from tests.support.receivers import MailReceiver, WebhookReceiver
from tests.support.slow_stage import submitted
from tests.support.stack import until

pytestmark = pytest.mark.integration

SLOW = 0.3  # seconds that a parse takes longer: two tasks do 6.7 pages a second, four 13.3
FLOOD, STEADY = 20.0, 8.0  # pages a second: more than four tasks can do; more than two can, less than four
TOLD_WITHIN = 60.0
PATIENCE = 240.0
WHOLE = os.environ.get("DRILL") == "whole"


@pytest.fixture
def receivers() -> Iterator[tuple[WebhookReceiver, MailReceiver]]:
    with WebhookReceiver() as webhook, MailReceiver() as mail:
        yield webhook, mail


@pytest.fixture
def drill(stack: Settings, receivers: tuple[WebhookReceiver, MailReceiver]) -> Iterator[Settings]:
    """The stack with a slow stage, and with receivers of what is told."""
    webhook, mail = receivers
    slow = {"drill_stage": "parse", "drill_seconds": SLOW, "parsers": 2, "parsers_most": 4}
    told = {"webhook": webhook.url, "smtp": mail.address, "mail_to": "operator@example.org", "cpu_limit": 9.0}
    with submitted(stack, {"topology": slow, "monitor": told}) as settings:
        yield settings


@contextlib.contextmanager
def watched(services: Services) -> Iterator[list[float]]:
    """A monitor that runs meanwhile; the lags that it saw."""
    built = build(services, replace(policy_of(services.settings), out_after=40.0))
    lags: list[float] = []
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            lags.append(built.monitor.turn().values.get("lag", 0.0))
            stopped.wait(4.0)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield lags
    finally:
        stopped.set()
        thread.join()
        built.sampler.close()
        built.alerting.close()
        built.autoscaler.close()


def works(services: Services) -> bool:
    """Whether every stage of the new topology has reported."""
    return {state.component for state in services.stages.fresh(services.now_ms())} >= {"parse", "tag", "index"}


def executors(settings: Settings) -> int:
    """Of the slow stage; 0 while Nimbus is about to assign them."""
    with nimbus_client(settings.storm.nimbus) as nimbus:
        one = next(one for one in nimbus.getClusterInfo().topologies if one.name == settings.storm.topology)
        return executors_of(nimbus.getTopologyPageInfo(one.id, ":all-time", False)).get("parse", 0)


def test_a_slow_stage_is_told_and_scaled_out_until_it_is_over(
    drill: Settings, receivers: tuple[WebhookReceiver, MailReceiver], environment: dict[str, str]
) -> None:
    webhook, mail = receivers
    services = assemble(drill)
    assert until(lambda: works(services), PATIENCE)
    began_ms, name = services.now_ms(), f"drill{time.time_ns():x}"
    with watched(services) as lags:
        assert until(lambda: len(lags) >= 3, 60)
        flood = Load(services.log, f"{name}-flood", FLOOD)  # type: ignore[arg-type]
        began = time.monotonic()
        flood.start()
        assert until(lambda: named(webhook.texts), TOLD_WITHIN)
        print(f"told after {time.monotonic() - began:.0f} s", file=sys.stderr)
        assert until(lambda: named([f"{one['Subject']} {one.get_content()}" for one in mail.mails]), 15)

        flood.end()
        steady = Load(services.log, f"{name}-steady", STEADY)  # type: ignore[arg-type]
        steady.start()
        assert until(lambda: grown(services, began_ms), PATIENCE)
        print(f"scaled out after {time.monotonic() - began:.0f} s", file=sys.stderr)
        assert until(lambda: executors(drill) == 4, 60)
        assert until(lambda: lags[-1] < max(lags) - 50, PATIENCE), lags  # though more comes than two tasks could do
        print(f"lag {max(lags):.0f}, falling to {lags[-1]:.0f} under {STEADY:g} pages/s", file=sys.stderr)
        steady.end()
        if not WHOLE:
            return
        assert until(lambda: lags[-1] == 0, PATIENCE), lags
        assert until(lambda: any("resolved: inflow_above_throughput" in text for text in webhook.texts), PATIENCE)
        print(f"over after {time.monotonic() - began:.0f} s", file=sys.stderr)
        assert until(lambda: listed(environment, began_ms), 30)


def listed(environment: dict[str, str], since: int) -> bool:
    """Whether `riverline alerts list` has what was told of the slow stage, with its end."""
    run = subprocess.run(
        [sys.executable, "-m", "riverline_commands.main", "alerts", "list", "--all", "--json"],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = [
        item
        for item in json.loads(run.stdout)["items"]
        if datetime.fromisoformat(item["since"]).timestamp() * 1000 >= since
    ]
    return any(item["until"] and named([f"{item['rule']} {item['sentence']}"]) for item in told)


def named(texts: list[str]) -> bool:
    """Whether an alert names the slow stage."""
    return any("parse" in text and ("inflow_above_throughput" in text or "stage_slow" in text) for text in texts)


def grown(services: Services, since: int) -> bool:
    actions = services.incidents.actions(since, services.now_ms())
    return any((one.what, one.before, one.after, one.outcome) == ("parse", 2, 4, "done") for one in actions)
