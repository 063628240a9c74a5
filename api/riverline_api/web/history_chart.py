"""The monitor's last hour as a chart."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from riverline.errors import Fatal, Transient
from riverline.monitoring.history import choice
from riverline.monitoring.history import read as read_history
from riverline_api.context import services
from riverline_api.web import i18n
from riverline_api.web.charts import Chart, clock, over_time

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def last_hour(named: Mapping[str, str], unit: str, beside: str = "") -> Chart | None:
    """Series of the monitor by the reader's words for them, a minute's points as their mean; nothing where no monitor
    runs. `beside`: a series that is always noted; where it is and another is not, that one counts as 0."""
    until = services().now_ms()
    try:
        found = read_history(
            services().key_value, until - HOUR_MS, until, choice([*named, *([beside] if beside else [])])
        )
    except (Transient, Fatal):
        return None
    noted = {at for at, _ in found.get(beside, ())}
    minutes: dict[int, dict[str, list[float]]] = {}
    for name, word in named.items():
        points = dict.fromkeys(noted, 0.0) | dict(found.get(name, ()))
        for at, value in points.items():
            minutes.setdefault(at // MINUTE_MS * MINUTE_MS, {}).setdefault(word, []).append(value)
    moments = [
        (at, clock(at), {word: round(fmean(values), 1) for word, values in by_word.items()})
        for at, by_word in sorted(minutes.items())
    ]
    time = i18n.translate(i18n.language(), "statistics.at")
    return over_time("pipeline-history", moments, list(named.values()), time, unit)
