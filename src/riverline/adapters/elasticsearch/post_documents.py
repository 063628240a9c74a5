"""Posts in the search index: `feed.contracts.Searchable`."""

from __future__ import annotations

from collections.abc import Sequence

from riverline.errors import Invalid, Transient
from riverline.model import Document, Post
from riverline.parsing.language.normalization import visible
from riverline.search.contracts import DocumentStore, Outcome

LONGEST_TITLE = 80
LONGEST_SUMMARY = 300
FOR_GOOD = 1 << 60  # later than any post, by whatever clock it was written: no id of a post is given twice


class PostDocuments:
    """`site` is the address that posts are read at, host:port."""

    def __init__(self, index: DocumentStore, site: str) -> None:
        self._index, self._site = index, site

    def publish(self, post: Post) -> None:
        """Raises Transient when the index is away or busy, Invalid when it will never take the post."""
        [written] = self._index.write([document(post, self._site)], [])
        if written.outcome is Outcome.BUSY:
            raise Transient(f"the index is busy: {written.error}")
        if written.outcome is Outcome.INVALID:
            raise Invalid(f"the index refused post {post.id}: {written.error}", "refused")

    def withdraw(self, post_ids: Sequence[int]) -> None:
        self._index.delete([url(post_id, self._site) for post_id in post_ids], FOR_GOOD)


def url(post_id: int, site: str) -> str:
    """Where a post is read."""
    return f"http://{site}/posts/{post_id}"


def document(post: Post, site: str) -> Document:
    """A post as it is searched for. Equal posts of different people stay apart: they have no digest of their text."""
    text = visible(post.contents)
    first = " ".join(text.split())
    return Document(
        url=url(post.id, site),
        site=site.rsplit(":", 1)[0],
        title=_cut(first, LONGEST_TITLE),
        summary=_cut(first, LONGEST_SUMMARY),
        body=text,
        content_type="post",
        crawled_at=post.created_at,
        created_at=post.created_at,
        locale=post.locale,
        tags=tuple(map(visible, post.tags)),
        author=visible(post.user_name),
        source="post",
    )


def _cut(words: str, longest: int) -> str:
    if len(words) <= longest:
        return words
    return words[:longest].rsplit(" ", 1)[0].rstrip() + "…"
