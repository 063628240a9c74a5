"""Pages in which no group comes twice, over a server in memory that answers as Elasticsearch does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from riverline.search import paging
from riverline.search.query import Query, Sort

NOW = 5


class Server:
    """Holds (value, id, cluster); everything matches. Collapses only without a position, as the real one."""

    def __init__(self, rows):
        self.rows = sorted(rows, key=lambda row: (-row[0], row[1]))
        self.asked = 0

    def ask(self, body):
        self.asked += 1
        rows = self.rows
        wanted = _clusters(body["query"])
        if wanted is not None:
            rows = [row for row in rows if row[2] in wanted]
        matching = rows
        if "search_after" in body:
            assert "collapse" not in body
            value, name = body["search_after"]
            rows = [row for row in rows if (-row[0], row[1]) > (-value, name)]
        if "collapse" in body:
            rows = list({row[2]: row for row in reversed(rows)}.values())
            rows.sort(key=lambda row: (-row[0], row[1]))
        answer = {"hits": {"total": {"value": len(matching)}, "hits": [_raw(row) for row in rows[: body["size"]]]}}
        if "aggs" in body and "cluster" in body["aggs"]:
            sizes = {cluster: sum(row[2] == cluster for row in matching) for cluster in wanted}
            buckets = [{"key": key, "doc_count": n} for key, n in sizes.items() if n]
            answer["aggregations"] = {"cluster": {"buckets": buckets}}
        return answer


def _clusters(query):
    filters = query.get("bool", {}).get("filter", [])
    return next((one["terms"]["cluster"] for one in filters if "cluster" in one.get("terms", {})), None)


def _raw(row):
    value, name, cluster = row
    texts = dict.fromkeys(("url", "title", "summary", "site", "content_type", "locale", "source"), "")
    source = {**texts, "id": name, "cluster": cluster, "group": cluster, "crawled_at": 1}
    return {"_source": source, "_score": None, "sort": [value, name]}


def walked(server, limit):
    query, pages = Query(limit=limit, sort=Sort.NEWEST), []
    while True:
        results = paging.page(query, NOW, server.ask)
        pages.append(results)
        if results.next is None:
            return pages
        query = replace(query, after=results.next)


rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=60).map(
    lambda pairs: [(value, f"{n:03d}", f"c{cluster}") for n, (value, cluster) in enumerate(pairs)]
)


@given(rows, st.integers(1, 7))
def test_the_pages_together_are_the_first_of_each_group_in_order(some, limit):
    server = Server(some)
    found = [(hit.id, hit.group_size) for page in walked(server, limit) for hit in page.hits]
    first = {}
    for row in server.rows:
        first.setdefault(row[2], row[1])
    sizes = {cluster: sum(row[2] == cluster for row in some) for cluster in first}
    assert found == [(name, sizes[cluster]) for cluster, name in first.items()]


@given(rows, st.integers(1, 7))
def test_only_the_last_page_may_be_short(some, limit):
    pages = walked(Server(some), limit)
    assert all(len(page.hits) == limit for page in pages[:-1])


def test_one_group_as_large_as_the_index_ends_in_few_requests():
    server = Server([(1, f"{n:05d}", "same") for n in range(500)])
    assert [len(page.hits) for page in walked(server, 10)] == [1]
    assert server.asked == 2


def test_a_page_of_results_that_stand_alone_is_one_request():
    server = Server([(1, f"{n:05d}", f"c{n}") for n in range(30)])
    raw = server.ask

    def alone(body):
        answer = raw(body)
        for hit in answer["hits"]["hits"]:
            hit["_source"]["group"] = ""
        return answer

    paging.page(Query(limit=10, sort=Sort.NEWEST), NOW, alone)
    assert server.asked == 1
