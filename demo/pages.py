"""A stored page: front matter (`key: value` lines between two `---`) and a source in the project's small markup."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from demo import markup

INHERITED = ("title", "tags", "published", "author")


@dataclass(frozen=True)
class Page:
    """One page of a site, before it is rendered; `fields` holds the front matter as it was written."""

    host: str
    slug: str
    fields: dict[str, str]
    source: str
    language: str
    offset: str

    @property
    def path(self) -> str:
        """Where the page is served, with its query where it has one."""
        return self.fields["path"]

    @property
    def url(self) -> str:
        """The canonical URL."""
        return f"http://{self.host}{self.path}"

    @property
    def title(self) -> str:
        """The headline, without the site's suffix."""
        return self.fields["title"]

    @property
    def kind(self) -> str:
        """What the page is to a crawler: article, text, pdf, disallowed or noindex."""
        return self.fields.get("kind", "article")

    @property
    def section(self) -> str:
        """The key of the section that lists the page, empty where none does."""
        return self.fields.get("section", "")

    @property
    def published(self) -> datetime | None:
        """When it was first published, with the offset of its site."""
        return self._time("published")

    @property
    def modified(self) -> datetime | None:
        """When it was last edited, where that differs from its publication."""
        return self._time("modified")

    def _time(self, field: str) -> datetime | None:
        written = self.fields.get(field)
        if not written:
            return None
        day, _, clock = written.partition(" ")
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}:00{self.offset}")

    @property
    def has_clock(self) -> bool:
        """Whether the publication is known to the minute and not only to the day."""
        return " " in self.fields.get("published", "")

    @property
    def description(self) -> str:
        """The meta description: as written, or the first sentence."""
        opening = (markup.paragraphs(self.source) or [self.title])[0]
        return self.fields.get("description") or markup.sentences(opening)[0]

    @property
    def image(self) -> str:
        """The path of the lead picture."""
        return f"/images/{self.slug}.png"

    @property
    def live_every(self) -> int:
        """After how many requests the page changes; 0 for a page that stays."""
        return int(self.fields.get("live", 0))

    def words(self, field: str) -> list[str]:
        """A comma-separated field as a list."""
        return [word.strip() for word in self.fields.get(field, "").split(",") if word.strip()]

    def at_revision(self, revision: int) -> "Page":
        """The page with its revision filled in, edited a minute later for each revision."""
        edited = (self.published or datetime.min) + timedelta(minutes=revision)
        fields = self.fields | {"modified": edited.strftime("%Y-%m-%d %H:%M")}
        return replace(self, fields=fields, source=self.source.replace("{revision}", str(revision)))


def read_page(file: Path, host: str, language: str, offset: str) -> Page:
    """The page stored in a file. Raises ValueError where the front matter is not closed or lacks a path."""
    opening, head, source = file.read_text("utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines() if line.strip())
    if opening or "path" not in fields:
        raise ValueError(f"{file}: front matter must open the file and name a path")
    return Page(host, file.stem, fields, source.strip() + "\n", fields.get("language", language), offset)


def syndicated(copy: Page, original: Page) -> Page:
    """A copy of another site's page: its text and dates, with the edits that the copy lists as `old => new`.

    Raises ValueError for an edit of what the original does not say.
    """
    source = original.source
    for edit in copy.source.splitlines():
        old, arrow, new = edit.partition(" => ")
        if arrow and old not in source:
            raise ValueError(f"{copy.url}: nothing to edit at {old!r}")
        source = source.replace(old, new) if arrow else source
    fields = {key: original.fields[key] for key in INHERITED if key in original.fields} | copy.fields
    return replace(copy, source=source, fields=fields, language=original.language, offset=original.offset)
