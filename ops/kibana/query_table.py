"""The quality of the search by query, for Kibana: the page's table, drawn by Vega-Lite as rows and columns of text.

Kibana's own tables cannot show how many searches of a query met a condition. The request is the page's.
"""

from __future__ import annotations

from typing import Any

from riverline.adapters.elasticsearch.statistics import queries_aggregation

NAME = "search-quality"
TEXTS = {
    "title": "Search quality by query",
    "description": "The most frequent queries: in vain without a filter, opened, mean position, latency.",
}
MOST = 25  # queries: as many as a panel has room for
_TOOK = "datum.took.values['{}.0'] == null ? '–' : format(datum.took.values['{}.0'], ',.0f')"
COLUMNS = {  # by title, in order: Vega's expression over a bucket
    "Searches": "format(datum.doc_count, ',')",
    "In vain": "format(datum.in_vain.doc_count, ',')",
    "Opened": "format(datum.clicked.doc_count / datum.doc_count, '.0%')",
    "Position": "datum.position.value == null ? '–' : format(datum.position.value, '.1f')",
    "Not opened": "format(datum.unclicked.doc_count, ',')",
    "Corrected": "format(datum.corrected.doc_count, ',')",
    "p50 ms": _TOOK.format(50, 50),
    "p99 ms": _TOOK.format(99, 99),
}


def data() -> dict[str, Any]:
    """What Elasticsearch is asked, in the time that is chosen in Kibana."""
    return {
        "url": {
            "%context%": True,
            "%timefield%": "created_at",
            "index": "searches-*",
            "body": {"size": 0, "aggs": queries_aggregation(MOST)},
        },
        "format": {"property": "aggregations.queries.buckets"},
    }


def specification(schema: str) -> dict[str, Any]:
    """The table as Kibana draws it."""
    cells = [{"calculate": expression, "as": title} for title, expression in COLUMNS.items()]
    axis = {"title": None, "ticks": False, "domain": False, "labelColor": "#343741"}
    return {
        "$schema": schema,
        "data": data(),
        "transform": [{"filter": "datum.key !== ''"}, *cells, {"fold": list(COLUMNS), "as": ["column", "cell"]}],
        "mark": {"type": "text", "tooltip": True},
        "encoding": {
            "y": {
                "field": "key",
                "type": "nominal",
                "sort": {"field": "doc_count", "op": "max", "order": "descending"},
                "axis": {**axis, "labelLimit": 240},
            },
            "x": {
                "field": "column",
                "type": "nominal",
                "sort": list(COLUMNS),
                "axis": {**axis, "orient": "top", "labelAngle": 0},
            },
            "text": {"field": "cell", "type": "nominal"},
        },
        "config": {"view": {"stroke": None}},
    }
