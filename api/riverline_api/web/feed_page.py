"""`/feed`: a user's timeline, and posting into it; `/posts/{id}`: one post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from pydantic import ValidationError

from riverline.errors import Invalid
from riverline.feed import cursor
from riverline.feed.body import fields
from riverline.feed.contracts import TimelinePage
from riverline.model import Post
from riverline_api.dependencies import MOST_ID, feed, writer
from riverline_api.http.datetimes import milliseconds
from riverline_api.http.signing import signer
from riverline_api.resources.posts import NewPost
from riverline_api.web import i18n
from riverline_api.web.layout import here, is_partial, page
from riverline_api.web.post_text import tags_of
from riverline_api.web.session import user_id, visitor

feed_pages = Blueprint("feed_pages", __name__)

LENGTH = 20
MOST_TAGS = 20  # of a post, with those in its text
MOST_NEW = 20  # new posts that are counted; beyond, there are "more than"
LOCALES = {"ko": "ko-KR", "en": "en-US"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a page shows it. `why`: own, pushed or pulled; empty outside of a timeline."""

    id: int
    user_id: int
    user_name: str
    contents: str
    tags: Sequence[str]
    locale: str
    created_at: int
    why: str = ""


@feed_pages.get("/feed")
def timeline() -> Response:
    """The timeline; for visitors, an explanation of what it would be."""
    me = user_id()
    if me is None:
        return page("feed_closed.html")
    found = feed().reader.read(me, LENGTH, _before(me))
    return page("feed.html", **_view(me, found), draft={}, wrong="", first=not request.args.get("cursor"))


@feed_pages.get("/feed/more")
def more() -> Response:
    """The posts that follow, for the end of the page that is there."""
    me = _me()
    return page("feed_entries.html", **_view(me, feed().reader.read(me, LENGTH, _before(me))))


@feed_pages.get("/feed/newer")
def newer() -> Response:
    """How many posts came since; nothing if there are none. One read of the cache."""
    me, than = _me(), _than()
    count = _count(me, than)
    return page("feed_pill.html", count=count, than=than, most=MOST_NEW) if count else page("nothing.html", 204)


@feed_pages.get("/feed/fresh")
def fresh() -> Response:
    """The posts that came since, for the head of the page that is there."""
    me, than = _me(), _than()
    found = feed().reader.read(me, MOST_NEW)
    entries = [entry for entry in found.entries if entry.id > than]
    view = _view(me, TimelinePage(entries, None, found.cached))
    # With more than fit, what lies between would be missing: the page is loaded again.
    if len(entries) == MOST_NEW and found.next is not None:
        answer = page("nothing.html", 204)
        answer.headers["HX-Redirect"] = "/feed"
        return answer
    return page("feed_fresh.html", **view)


@feed_pages.post("/feed/posts")
def create() -> Response:
    """Posts, and shows the post."""
    me = _me()
    draft = {"contents": request.form.get("contents", "").strip(), "tags": request.form.get("tags", "")}
    typed = _tags(draft["tags"])
    more = [tag for tag in tags_of(draft["contents"]) if tag not in typed]
    tags = [*typed, *more[: max(0, MOST_TAGS - len(typed))]]
    try:
        wanted = NewPost.model_validate(
            {"user_id": me, "contents": draft["contents"], "tags": tags, "locale": _locale()}
        )
    except ValidationError as error:
        wrong = f"feed.wrong_{error.errors()[0]['loc'][0]}"
        view = _view(me, feed().reader.read(me, LENGTH))
        return page("feed.html", 422, **view, draft=draft, wrong=wrong, first=True)
    post = writer().post(me, wanted.contents, wanted.tags, wanted.locale)
    if is_partial():
        return page("feed_posted.html", entries=[_of(post, "own")], next="", more="")
    return redirect("/feed", 303)  # type: ignore[return-value]


@feed_pages.get("/posts/<int:post_id>")
def read(post_id: int) -> Response:
    """One post: where a search result leads."""
    return page("post.html", post=_of(_post(post_id)))


@feed_pages.post("/posts/<int:post_id>/delete")
def delete(post_id: int) -> Response:
    """Deletes a post of one's own."""
    if _post(post_id).user_id != _me():
        abort(403)
    writer().delete_post(post_id)
    return page("feed_deleted.html") if is_partial() else redirect("/feed", 303)  # type: ignore[return-value]


def shown(posts: Iterable[Post]) -> list[Shown]:
    """Posts outside of a timeline."""
    return [_of(post) for post in posts]


def _view(me: int, found: TimelinePage) -> dict[str, Any]:
    following = signer().signed(cursor.encoded(found.next, f"timeline:{me}")) if found.next else ""
    pulled = set(feed().reader.pulled(me)) if found.entries else set()
    entries = [_entry(fields(entry.body), me, pulled) for entry in found.entries]
    return {
        "entries": entries,
        "next": f"/feed?cursor={following}" if following else "",
        "more": f"/feed/more?cursor={following}" if following else "",
        "newest": found.entries[0].id if found.entries else 0,
        "cached": found.cached,
    }


def _entry(said: dict[str, Any], me: int, pulled: set[int]) -> Shown:
    author = said["user_id"]
    why = "own" if author == me else "pulled" if author in pulled else "pushed"
    at = milliseconds(said["created_at"])
    return Shown(**{**said, "created_at": at}, why=why)


def _of(post: Post, why: str = "") -> Shown:
    names = ("id", "user_id", "user_name", "contents", "tags", "locale", "created_at")
    return Shown(**{name: getattr(post, name) for name in names}, why=why)


def _me() -> int:
    """As whom the visitor acts. Ends the request where it is nobody: a page that was open when the token ended."""
    me = user_id()
    if me is None:
        abort(403 if visitor() else 401)
    return me


def _post(post_id: int) -> Post:
    return feed().repository.post(post_id) if 0 < post_id <= MOST_ID else abort(404)


def _before(me: int) -> int:
    """Where the page begins. A cursor that was cut short means the first page."""
    try:
        return cursor.decoded(signer().opened(request.args.get("cursor", "")), f"timeline:{me}")
    except Invalid:
        return 0


def _than() -> int:
    than = request.args.get("than", "0")
    return int(than) if than.isascii() and than.isdigit() and len(than) <= 16 else 0


def _count(me: int, than: int) -> int:
    return sum(entry.id > than for entry in feed().reader.read(me, MOST_NEW).entries)


def _tags(text: str) -> list[str]:
    """Tags as people type them: with commas or spaces, with or without #, each once."""
    return list(dict.fromkeys(word for part in text.replace(",", " ").split() if (word := part.lstrip("#"))))


def _locale() -> str:
    wanted = request.form.get("locale", "")
    return wanted if wanted in LOCALES.values() else LOCALES[i18n.language()]


__all__ = ["feed_pages", "here", "shown"]
