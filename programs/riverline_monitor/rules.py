"""The rules of `rules.toml`, checked as they are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from riverline.errors import Fatal
from riverline.monitoring.sample import SERIES
from riverline_monitor.derived import NEVER

FILE = Path(__file__).with_name("rules.toml")
WAITING = "lag"  # what `while_lag` looks at
ENDS_AT = 0.5  # a rule that holds only while another number is high ends below that share of it

Measure = Literal["last", "mean", "least", "most", "rise", "grown"]
Unit = Literal["", "percent", "seconds", "per second"]


class AlertRule(BaseModel):
    """One condition. Exactly one of `above` and `below` is given; `clear` lies on the other side of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z_]{3,64}$")
    series: str
    whole: bool = Field(False, description="look at the sum, not at its parts")
    measure: Measure = "last"
    window: float = Field(0, ge=0, le=900, description="seconds to look back")
    above: float | None = None
    below: float | None = None
    clear: float
    holds: float = Field(0, ge=0, description="seconds for which the condition must hold")
    calm: float = Field(30, ge=0, description="seconds for which all must be well again")
    while_lag: float = Field(0, ge=0, description="records that must wait for the rule to count")
    severity: Literal["info", "warning", "critical"]
    unit: Unit = ""
    en: str = Field(min_length=20)
    ko: str = Field(min_length=10)

    @model_validator(mode="after")
    def _sound(self) -> AlertRule:
        if (self.above is None) == (self.below is None):
            raise ValueError("needs either above or below")
        if self.series not in SERIES:
            raise ValueError(f"{self.series} is not a series")
        if not (self.clear <= self.above if self.above is not None else self.clear >= (self.below or 0)):
            raise ValueError("clear is on the wrong side of the limit")
        if self.measure != "last" and not self.window:
            raise ValueError(f"{self.measure} needs a window")
        return self

    def true(self, value: float) -> bool:
        """If the condition is met."""
        return value > self.above if self.above is not None else value < (self.below or 0)

    def well(self, value: float) -> bool:
        """If it is clearly not: between the two nothing changes."""
        return value <= self.clear if self.above is not None else value >= self.clear

    def sentence(self, subject: str, value: float, bottleneck: str) -> str:
        """What happened and what is to be done, a line in English and one in Korean."""
        fields = {"subject": subject, "value": Number(shown(value, self.unit)), "stage": bottleneck or "not known yet"}
        return "\n".join(text.format(**fields) for text in (self.en, self.ko))


@dataclass(frozen=True)
class RuleBook:
    """All rules. `looks_back`: the names of the series that they look at, each with how many seconds of it."""

    rules: tuple[AlertRule, ...]

    @property
    def whole(self) -> frozenset[str]:
        """The names of which the sum alone is looked at."""
        parts = {rule.series for rule in self.rules if not rule.whole}
        return frozenset({WAITING, *(rule.series for rule in self.rules)} - parts)

    @property
    def looks_back(self) -> dict[str, float]:
        found = {WAITING: 0.0}
        for rule in self.rules:
            found[rule.series] = max(found.get(rule.series, 0.0), rule.window)
        return found


def load(path: Path = FILE) -> RuleBook:
    """Raises Fatal with the rule that is wrong and why."""
    rules = []
    for written in tomllib.loads(path.read_text())["rule"]:
        try:
            rules.append(AlertRule.model_validate(written))
        except ValidationError as error:
            first = error.errors()[0]
            raise Fatal(f"{path.name}: rule {written.get('name', '?')}: {first['loc']} {first['msg']}") from None
    if len({rule.name for rule in rules}) < len(rules):
        raise Fatal(f"{path.name}: two rules have the same name")
    return RuleBook(tuple(rules))


class Number(str):
    """A number in a sentence; `{value:job|jobs}` is the word that goes with it."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        one, _, many = words.partition("|")
        return (one if self == "1" else many) if many else str(self)


def shown(value: float, unit: Unit) -> str:
    """A number as it stands in a sentence."""
    if unit == "percent":
        return f"{value * 100:.0f} %"
    if unit == "seconds" and value >= NEVER:
        return "> 24 h"
    if unit == "seconds":
        return f"{value:.1f} s" if value < 60 else f"{value / 60:.0f} min"
    if unit == "per second":
        return f"{value:.1f}/s"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
