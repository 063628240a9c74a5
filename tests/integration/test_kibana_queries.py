"""What the charts of Kibana's export ask, asked as Kibana would: the server answers with rows of the right form."""

import orjson
import pytest

from ops.kibana import query_table
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.index import ElasticIndex
from riverline.settings import Settings
from riverline_api.web.charts import FOLDER, shared


def asked(name):
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())["usermeta"]["kibana"]["data"]


def plain(body):
    """Without what Kibana fills in: the time that was chosen."""
    if isinstance(body, dict):
        if body.get("%timefilter%"):
            return {"gte": "now-30d"}
        return {name: plain(value) for name, value in body.items()}
    return [plain(one) for one in body] if isinstance(body, list) else body


@pytest.mark.parametrize("name", [*shared(), query_table.NAME])
def test_the_server_answers_what_a_chart_asks(stack: Settings, name):
    connection: ElasticsearchConnection = ElasticIndex(stack.elasticsearch).connection
    data = query_table.data() if name == query_table.NAME else asked(name)
    answer = connection.call("POST", f"/{data['url']['index']}/_search", plain(data["url"]["body"]))
    found = answer
    for part in data["format"]["property"].split("."):
        found = found.get(part, {}) if isinstance(found, dict) else found
    assert isinstance(found, list) or answer["_shards"]["total"] == 0
