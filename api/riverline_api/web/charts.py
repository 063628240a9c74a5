"""Charts: a Vega-Lite specification from `charts/*.json`, its rows, and the same numbers as a table.

The specifications are those of Kibana's export too (`ops/kibana/build.py`), so that both show the same. Each reads the
data set `rows`; what Kibana asks Elasticsearch for in its place stands under `usermeta.kibana`, where
it is in Elasticsearch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from markupsafe import Markup

from riverline_api.http.datetimes import rfc3339

FOLDER = Path(__file__).parent / "charts"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """`titles` are the reader's words for the fields; `columns` and `cells` are the table."""

    name: str
    rows: Sequence[Row]
    titles: Mapping[str, str]
    columns: Sequence[str]
    cells: Sequence[Sequence[object]]

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws it from."""
        return {"spec": specification(self.name), "rows": self.rows, "titles": self.titles}


@cache
def specification(name: str) -> dict[str, Any]:
    """A specification without what is for Kibana, and without its title: the page has one in the reader's words."""
    whole: dict[str, Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return {part: value for part, value in whole.items() if part not in ("usermeta", "title", "description", "$schema")}


def names() -> list[str]:
    """Of all specifications."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def shared() -> list[str]:
    """Of those whose numbers stand in Elasticsearch, so that Kibana can draw them too."""
    return [name for name in names() if "usermeta" in orjson.loads((FOLDER / f"{name}.json").read_bytes())]


def bars(name: str, counts: Sequence[tuple[str, float]], value: str, count: str, most: int = 10) -> Chart:
    """One bar a value."""
    rows = [{"value": label, "count": n} for label, n in counts[:most]]
    return Chart(name, rows, {"value": value, "count": count}, (value, count), counts[:most])


def clock(at_ms: int) -> Markup:
    """An hour and minute; the script puts the reader's own in its place."""
    at = f"{rfc3339(at_ms)}"
    return Markup('<time datetime="{}">{} UTC</time>').format(at, at[11:16])


def over_time(
    name: str, moments: Sequence[tuple[int, str, Mapping[str, float]]], order: Sequence[str], at: str, count: str
) -> Chart:
    """A value for each series and time `(ms, as written, by series)`; series in that order, 0 where a time has none.
    Times that are hours are written by `clock`: the reader's hours are shown then, in the chart too; else the days of
    UTC."""
    rows = [{"at": ms, "series": series, "count": found.get(series, 0)} for ms, _, found in moments for series in order]
    cells = [(written, *(found.get(series, 0) for series in order)) for _, written, found in reversed(moments)]
    return Chart(name, rows, {"at": at, "count": count, "series": ""}, (at, *order), cells)
