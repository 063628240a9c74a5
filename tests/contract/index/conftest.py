"""What every index does: the same suite for Elasticsearch and for its in-memory twin."""

import uuid

import pytest

from riverline.parsing.fingerprint import url_id
from riverline.testing.memory import MemoryIndex
from tests.contract.index.subject import Subject


@pytest.fixture(params=["memory", pytest.param("elasticsearch", marks=pytest.mark.integration)])
def subject(request) -> Subject:
    site = f"{uuid.uuid4().hex[:10]}.example"
    if request.param == "memory":
        index = MemoryIndex()
        return Subject(index, index.click, site)
    return _real(request, site)


def _real(request, site: str) -> Subject:
    from riverline.adapters.elasticsearch import ElasticIndex

    index = ElasticIndex(request.getfixturevalue("stack").elasticsearch)
    request.addfinalizer(index.close)
    index.ensure_schema()

    def click(url: str) -> None:
        counted = index.connection.call("GET", f"/documents/_doc/{url_id(url)}")["_source"]["click_count"]
        index.connection.call("POST", f"/documents/_update/{url_id(url)}", {"doc": {"click_count": counted + 1}})

    return Subject(index, click, site)
