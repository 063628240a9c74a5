"""What the demo web can answer: one resource a URL, held in memory."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha1

from demo.pages import Page

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Resource:
    """The answer at one URL. `kind` is as in truth.json, or `asset` for what truth.json leaves
    out; `robots` is the value of an X-Robots-Tag header.
    """

    host: str
    path: str
    kind: str
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str | None = None
    modified: datetime = EPOCH
    page: Page | None = None
    title: str | None = None
    robots: str | None = None

    @property
    def url(self) -> str:
        """The URL that answers with this."""
        return f"http://{self.host}{self.path}"

    @cached_property
    def etag(self) -> str:
        """A strong validator of the body."""
        return f'"{sha1(self.body).hexdigest()[:20]}"'
