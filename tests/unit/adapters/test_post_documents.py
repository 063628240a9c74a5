"""Posts in the index."""

from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.model import Post
from riverline.search.query import Query
from riverline.testing.memory_index import MemoryIndex

HOUR_MS = 3_600_000
NOW = 1_796_000_000_000


def test_a_deleted_post_is_gone_also_if_it_was_written_while_the_clock_was_ahead():
    index = MemoryIndex()
    posts = PostDocuments(index, "site.example:80")
    posts.publish(Post(7, 1, "ahead of its time", "Mina", created_at=NOW + HOUR_MS))
    assert found(index) == ["http://site.example:80/posts/7"]
    posts.withdraw([7])
    assert found(index) == []


def found(index: MemoryIndex) -> list[str]:
    index.refresh()
    return [hit.url for hit in index.search(Query("ahead"), NOW + 2 * HOUR_MS).hits]
