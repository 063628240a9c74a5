"""From samples to what is told and kept: once, also over a restart, and when MySQL or a channel is away."""

from riverline.errors import Transient
from riverline.monitoring.contracts import Incident
from riverline.monitoring.sample import Sample
from riverline.testing.memory_incidents import MemoryIncidents
from riverline_monitor.alerting import WAIT_MS, Alerting
from riverline_monitor.rule_evaluation import Kind
from riverline_monitor.rules import AlertRule, RuleBook
from tests.support.stack import until

NOW = 1_760_000_000_000
RULE = AlertRule(
    name="full", series="disk_used", above=0.8, clear=0.6, calm=10, severity="warning",
    en="The disk {subject} is too full.", ko="디스크 {subject}가 너무 찼습니다.",
)  # fmt: skip


class Told:
    """A channel that remembers, or fails."""

    name = "told"

    def __init__(self, fails=False):
        self.heard, self.fails = [], fails

    def send(self, notification):
        if self.fails:
            raise Transient("away")
        self.heard.append((notification.kind, notification.incident.subject))


class Life:
    """A monitor's alarm from its start to its end."""

    def __init__(self, incidents, channel, at=NOW):
        self.alerting, self.at = Alerting(RuleBook((RULE,)), incidents, [channel], 3600.0), at
        assert until(lambda: self.alerting._remembered is not None, 10)

    def see(self, *values):
        for value in values:
            self.alerting.judge(Sample(self.at, {"disk_used/a": value}))
            self.at += 5_000
        return self

    def end(self):
        self.alerting.close()
        return self.at


def test_an_incident_is_told_and_kept_with_its_end():
    incidents, channel = MemoryIncidents(), Told()
    Life(incidents, channel).see(0.9, 0.9, 0.1, 0.1, 0.1).end()
    assert channel.heard == [(Kind.BEGINS, "a"), (Kind.OVER, "a")]
    ((_, kept),) = incidents.page(10)
    assert (kept.since, kept.until, kept.told, kept.over_told) == (NOW, NOW + 20_000, NOW, True)
    assert incidents.open() == []


def test_a_restart_in_the_midst_tells_nothing_twice():
    incidents, channel = MemoryIncidents(), Told()
    at = Life(incidents, channel).see(0.9, 0.9).end()
    at = Life(incidents, channel, at).see(0.9, 0.9).end()
    Life(incidents, channel, at).see(0.1, 0.1, 0.1).end()
    assert channel.heard == [(Kind.BEGINS, "a"), (Kind.OVER, "a")]
    assert len(incidents.page(10)) == 1


def test_what_no_channel_took_is_told_after_the_restart():
    incidents, channel = MemoryIncidents(), Told()
    at = Life(incidents, Told(fails=True)).see(0.9, 0.9).end()
    Life(incidents, channel, at).see(0.9).end()
    assert channel.heard == [(Kind.BEGINS, "a")]


def test_an_end_that_no_channel_took_is_told_after_the_restart():
    incidents, channel = MemoryIncidents(), Told()
    life = Life(incidents, channel).see(0.9, 0.9)
    assert until(lambda: any(one.told for one in incidents.open()), 10)
    channel.fails = True
    at = life.see(0.1, 0.1, 0.1).end()
    channel.fails = False
    Life(incidents, channel, at).see(0.1).end()
    assert channel.heard == [(Kind.BEGINS, "a"), (Kind.OVER, "a")]
    assert incidents.open() == []


def test_an_incident_of_a_rule_that_is_no_more_is_over():
    incidents = MemoryIncidents()
    incidents.save(Incident("former", "a", "warning", NOW - 5_000, 1.0, "It was so.", told=NOW - 5_000))
    Life(incidents, Told()).see(0.1).end()
    ((_, kept),) = incidents.page(10)
    assert (kept.until, kept.over_told) == (NOW, True)


def test_a_silence_is_heeded():
    incidents, channel = MemoryIncidents(), Told()
    incidents.silence("full", "", NOW + 10**9, "known")
    life = Life(incidents, channel).see(0.1)
    assert until(lambda: bool(life.alerting._silences), 10)
    life.see(0.9, 0.9, 0.1, 0.1, 0.1).end()
    assert channel.heard == []
    assert (incidents.open(), len(incidents.page(10))) == ([], 1)


class Away(MemoryIncidents):
    """Until it is back."""

    back = False

    def _ask(self, how, *given):
        if not self.back:
            raise Transient("MySQL is away")
        return getattr(super(), how)(*given)

    def open(self):
        return self._ask("open")

    def save(self, incident):
        return self._ask("save", incident)

    def silences(self, at):
        return self._ask("silences", at)


def test_without_mysql_alerts_are_told_after_a_while():
    incidents, channel = Away(), Told()
    alerting = Alerting(RuleBook((RULE,)), incidents, [channel], 3600.0)
    for turn in range(WAIT_MS // 5_000 + 2):
        alerting.judge(Sample(NOW + turn * 5_000, {"disk_used/a": 0.9}))
    assert until(lambda: channel.heard == [(Kind.BEGINS, "a")], 10)
    incidents.back = True  # else the store's thread would go on beside the tests after this one
    alerting.close()
