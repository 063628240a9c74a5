"""Lines of a bulk, and what its answer means."""

import orjson
import pytest

from riverline.adapters.elasticsearch import bulk
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection, understood
from riverline.adapters.elasticsearch.copying import recomputed
from riverline.errors import Fatal, Invalid, NotFound, Transient
from riverline.model import Document, Fate
from riverline.parsing.fingerprint import url_id
from riverline.parsing.near_duplicates import bands, signature
from riverline.search.contracts import Outcome, Written
from riverline.settings import Elasticsearch

DOCUMENT = Document("https://a/", "a", "t", "s", "b", "article", crawled_at=7, text_digest="d")


def answered(status, **error):
    return {"items": [{"index": {"status": status, **({"error": error} if error else {})}}]}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (answered(201), Outcome.WRITTEN),
        (answered(409, type="version_conflict_engine_exception"), Outcome.STALE),
        (answered(429, type="es_rejected_execution_exception"), Outcome.BUSY),
        (answered(503, type="unavailable_shards_exception"), Outcome.BUSY),
        (answered(403, type="cluster_block_exception"), Outcome.BUSY),
        (answered(400, type="mapper_parsing_exception"), Outcome.INVALID),
        (answered(404), Outcome.WRITTEN),  # a deletion of what is not there
    ],
)
def test_the_status_of_an_item_says_what_became_of_it(answer, outcome):
    assert [one.outcome for one in bulk.outcomes(answer)] == [outcome]


def test_a_missing_alias_is_a_wrong_set_up_not_a_wrong_document():
    with pytest.raises(Fatal, match="documents"):
        list(bulk.outcomes(answered(404, type="index_not_found_exception", reason="no such index")))


def test_the_reason_of_a_refusal_is_kept_with_its_cause():
    (one,) = bulk.outcomes(answered(400, type="t", reason="r", caused_by={"reason": "deeper"}))
    assert one.error == "t: r (deeper)"


def test_a_document_is_versioned_by_its_crawl_and_never_makes_an_index():
    action, source = bulk.document_item(DOCUMENT, 3)
    assert orjson.loads(action)["index"] == {
        "_index": "documents",
        "_id": url_id("https://a/"),
        "version": 7,
        "version_type": "external_gte",
        "require_alias": True,
    }
    assert orjson.loads(source)["click_count"] == 3


def test_results_collapse_on_the_group_else_the_text_else_the_document_itself():
    from dataclasses import replace

    made = [DOCUMENT, replace(DOCUMENT, group="g"), replace(DOCUMENT, text_digest="")]
    assert [bulk.document_source(one, 0)["cluster"] for one in made] == ["d", "g", url_id("https://a/")]


def test_a_fate_is_filed_under_the_day_of_its_record_by_its_origin_and_revision():
    action, source = bulk.fate_item(Fate("crawl.a-b-3-9", "filtered", "u", "robots", revision=2, at=1_760_000_000_000))
    assert orjson.loads(action)["index"] == {
        "_index": "fates-2025.10.09",
        "_id": "crawl.a-b-3-9",
        "version": 1_760_000_000_000 * 8 + 2,
        "version_type": "external",
    }
    assert (orjson.loads(source)["topic"], orjson.loads(source)["name"]) == ("crawl.a-b", "filtered:robots")


def test_busy_items_are_transient_and_refused_ones_invalid():
    bulk.refuse_busy([Written(Outcome.WRITTEN), Written(Outcome.STALE)])
    with pytest.raises(Transient):
        bulk.refuse_busy([Written(Outcome.BUSY)])
    with pytest.raises(Invalid):
        bulk.refuse_busy([Written(Outcome.INVALID)])


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {}, Transient),
        (503, None, Transient),
        (403, {"error": {"type": "cluster_block_exception"}}, Transient),
        (401, {"error": {"type": "security_exception"}}, Transient),
        (403, {"error": {"type": "security_exception"}}, Transient),
        (404, {"error": {"type": "index_not_found_exception"}}, NotFound),
        (400, {"error": {"type": "parsing_exception", "root_cause": [{"reason": "r"}]}}, Invalid),
        (400, "text", Invalid),
    ],
)
def test_an_answer_that_is_no_success_is_an_error_of_ours(status, body, kind):
    assert type(understood(status, body)) is kind


def test_a_server_that_is_away_is_transient():
    connection = ElasticsearchConnection(Elasticsearch(urls=("http://127.0.0.1:9",), timeout=2))
    with pytest.raises(Transient, match="does not answer"):
        connection.call("GET", "/")


def test_a_document_that_is_computed_again_has_the_signature_of_this_version() -> None:
    body = "강변에서 자전거를 타는 사람들은 바람이 부는 날에도 나온다고 합니다 " * 4
    stored = {**bulk.document_source(Document("http://a.example/", "a.example", "t", "", body, "article", 1), 3)}
    again = recomputed({**stored, "signature": "AAAA", "bands": ["old"]})
    assert (again["signature"], again["bands"]) == (signature(body), bands(signature(body)))
    assert again["click_count"] == 3
    assert recomputed(stored)["signature"] == ""
