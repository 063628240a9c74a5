"""A monitor's judgement fed by hand: one sample each five seconds."""

from riverline.monitoring.sample import Sample
from riverline_monitor.rule_evaluation import Kind, evaluate, notifications_due, restored
from riverline_monitor.rules import load
from riverline_monitor.window import SampleWindow

NOW = 1_760_000_000_000
PAUSE = 5_000
BOOK = load()


class Watch:
    """What was told: (seconds since the start, kind, rule, subject)."""

    def __init__(self, rules=BOOK.rules, repeat=3600.0, known=()):
        self.rules, self.repeat = rules, repeat
        self.window, self.state, self.at = SampleWindow(BOOK.looks_back, BOOK.whole), restored(known), NOW
        self.silences, self.notifications, self.bottleneck = [], [], "parse"

    def see(self, **values):
        return self.see_all({name.replace("__", "/"): value for name, value in values.items()})

    def see_all(self, values):
        self.window.add(Sample(self.at, values))
        self.state = evaluate(self.rules, self.state, self.window, self.bottleneck)
        self.state, notifications = notifications_due(self.state, self.silences, self.at, self.repeat)
        self.notifications += [(self.at, one) for one in notifications]
        self.at += PAUSE
        return notifications

    @property
    def said(self):
        return [
            ((at - NOW) // 1000, one.kind, one.incident.rule, one.incident.subject) for at, one in self.notifications
        ]

    @property
    def begun(self):
        return {one.incident.rule for _, one in self.notifications if one.kind is Kind.BEGINS}

    @property
    def open(self):
        return {
            standing.incident.rule
            for standing in self.state.values()
            if standing.incident and standing.incident.until is None
        }
