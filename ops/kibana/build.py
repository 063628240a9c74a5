"""Builds Kibana's saved objects from the specifications of the pages' charts: `python -m ops.kibana.build`.

Each `api/riverline_api/web/charts/*.json` becomes a Vega visualisation: its data set `rows` is replaced by what
`usermeta.kibana` says Elasticsearch is asked for, everything else stays. So does the page's table of the search's
quality by query (`query_table`). Index patterns, a saved search and two dashboards stand around them. The objects' ids
are fixed, so that importing them again replaces them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from riverline_api.web.charts import FOLDER, shared

from . import query_table

OUT = Path(__file__).parent
WIDTH, COLUMNS, HEIGHT = 24, 48, 15  # of a panel, in Kibana's grid of 48 columns
WIDE = (query_table.NAME,)  # panels of the whole width, which stand at the end
VERSION = "8.19.0"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # what Kibana 8 draws; the charts use nothing newer
PATTERNS = {"documents": "crawled_at", "searches-*": "created_at", "fates-*": "at"}
DASHBOARDS = {
    "documents": (
        "Riverline: documents",
        (
            "documents-over-time",
            "freshness",
            "documents-by-site",
            "documents-by-locale",
            "documents-by-type",
            "fates",
        ),
    ),
    "searches": (
        "Riverline: searches",
        ("searches-over-time", "search-latency", "top-searches", "fruitless-searches", query_table.NAME),
    ),
}
Saved = dict[str, Any]


def files() -> dict[str, bytes]:
    """The contents of the files to import, by name."""
    patterns = [_pattern(title, time) for title, time in PATTERNS.items()]
    charts = [_visualisation(name, _whole(name), specification(name)) for name in shared()]
    charts.append(_visualisation(query_table.NAME, query_table.TEXTS, query_table.specification(SCHEMA)))
    boards = [_dashboard(name, title, panels) for name, (title, panels) in DASHBOARDS.items()]
    return {
        "index-patterns.ndjson": _lines(patterns),
        "searches.ndjson": _lines([_failed_pages()]),
        "dashboards.ndjson": _lines([*charts, *boards]),
    }


def specification(name: str) -> dict[str, Any]:
    """A chart as Kibana draws it."""
    spec = _whole(name)
    asked = spec.pop("usermeta")["kibana"]
    # Kibana gives a visualisation the size of its panel.
    kept = {
        part: value for part, value in spec.items() if part not in ("width", "height", "autosize", "title", "$schema")
    }
    transform = [*asked["transform"], *kept.pop("transform", [])]
    return {"$schema": SCHEMA, **kept, "data": asked["data"], "transform": transform}


def _whole(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return spec


def _visualisation(name: str, texts: Mapping[str, Any], spec: Mapping[str, Any]) -> Saved:
    state = {
        "title": texts["title"],
        "type": "vega",
        "aggs": [],
        "params": {"spec": orjson.dumps(spec, option=orjson.OPT_INDENT_2).decode()},
    }
    attributes = {
        "title": texts["title"],
        "description": texts["description"],
        "visState": _text(state),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text({"query": _NO_QUERY, "filter": []})},
    }
    return _object("visualization", f"riverline-{name}", attributes)


def _dashboard(name: str, title: str, charts: Sequence[str]) -> Saved:
    panels, references = [], []
    for n, chart in enumerate(charts):
        width = COLUMNS if chart in WIDE else WIDTH
        place = {"x": n * WIDTH % COLUMNS, "y": n * WIDTH // COLUMNS * HEIGHT, "w": width, "h": HEIGHT, "i": str(n)}
        panels.append(
            {
                "version": VERSION,
                "type": "visualization",
                "gridData": place,
                "panelIndex": str(n),
                "embeddableConfig": {"enhancements": {}},
                "panelRefName": f"panel_{n}",
            }
        )
        references.append({"name": f"panel_{n}", "type": "visualization", "id": f"riverline-{chart}"})
    attributes = {
        "title": title,
        "description": "The same as on the page Statistics.",
        "panelsJSON": _text(panels),
        "optionsJSON": _text({"useMargins": True, "syncColors": False, "hidePanelTitles": False}),
        "timeRestore": True,
        "timeFrom": "now-30d",
        "timeTo": "now",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text({"query": _NO_QUERY, "filter": []})},
    }
    return _object("dashboard", f"riverline-{name}", attributes, references)


def _pattern(title: str, time: str) -> Saved:
    return _object("index-pattern", _pattern_id(title), {"title": title, "timeFieldName": time, "fields": "[]"})


def _failed_pages() -> Saved:
    """The saved search: pages that could not be processed, the newest first."""
    reference = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": {"query": "outcome: dead", "language": "kuery"}, "filter": [], "indexRefName": reference}
    attributes = {
        "title": "Riverline: pages that could not be processed",
        "description": "Fates with the outcome dead.",
        "columns": ["url", "reason", "stage", "attempts", "origin"],
        "sort": [["at", "desc"]],
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text(source)},
    }
    references = [{"name": reference, "type": "index-pattern", "id": _pattern_id("fates-*")}]
    return _object("search", "riverline-dead", attributes, references)


_NO_QUERY = {"query": "", "language": "kuery"}


def _pattern_id(title: str) -> str:
    return f"riverline-{title.removesuffix('-*')}"


def _object(kind: str, name: str, attributes: Saved, references: Sequence[Saved] = ()) -> Saved:
    return {"id": name, "type": kind, "attributes": attributes, "references": list(references)}


def _text(value: object) -> str:
    return orjson.dumps(value).decode()


def _lines(objects: Iterable[Saved]) -> bytes:
    return b"".join(orjson.dumps(one) + b"\n" for one in objects)


def main() -> None:
    """Writes the files."""
    argparse.ArgumentParser(description=main.__doc__).parse_args()
    for name, content in files().items():
        (OUT / name).write_bytes(content)
        print(OUT / name)


if __name__ == "__main__":
    main()
