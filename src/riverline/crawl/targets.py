"""The fields of a target and their limits; files of targets; a target's hosts, paths and start addresses. Pure."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from hashlib import blake2b
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote_plus, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from riverline.crawl.youtube_addresses import youtube_address
from riverline.errors import Invalid
from riverline.model import Target
from riverline.parsing.language.blank import is_blank
from riverline.parsing.url import host_of
from riverline.refusals import refusal

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/:@?#]+$|^\[[0-9A-Fa-f:.]+\]$")]
Path = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^/")]
Url = Annotated[str, Field(pattern=r"^(?i:https?)://", max_length=2_048)]
Keyword = Annotated[str, Field(min_length=1, max_length=200)]
NAME = r"^[^\s/\\\x00-\x1f\x7f-\x9f]+( [^\s/\\\x00-\x1f\x7f-\x9f]+)*$"  # all that can stand in a path
PLACE = "{keyword}"  # in the addresses of a search
LISTS = frozenset({"sitemap", "feed"})  # kinds whose pages are not searched for links


class TargetForm(BaseModel):
    """The fields of a target and what they take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=NAME)
    kind: Literal["site", "sitemap", "feed", "search", "youtube"] = "site"
    start_urls: tuple[Url, ...] = Field((), max_length=10_000)
    keywords: tuple[Keyword, ...] = Field((), max_length=500)
    allowed_hosts: tuple[Host, ...] = Field((), max_length=1_000, description="empty: those of start_urls")
    allowed_paths: tuple[Path, ...] = Field((), max_length=100, description="beginnings of paths; empty: all")
    rate: float = Field(1.0, gt=0, le=100_000, description="requests a second and host")
    concurrency: int = Field(4, ge=1, le=64, description="requests in flight a host")
    max_pages: int = Field(10_000, ge=1)
    depth: int = Field(20, ge=0, le=1_000, description="links from a start address")
    interval: int = Field(86_400, ge=60, le=31_536_000, description="seconds between two rounds")
    priority: int = Field(0, ge=-100, le=100, description="the higher one is crawled first")
    proxy: str = Field("", pattern=r"^$|^http://[^/\s@]+:[0-9]{1,5}/?$")
    enabled: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.start_urls and not (self.kind == "youtube" and self.keywords):
            raise ValueError("start_urls: at least one is needed")
        if self.kind == "search" and not self.keywords:
            raise ValueError("keywords: a search needs at least one")
        if self.kind == "search" and not all(PLACE in url for url in self.start_urls):
            raise ValueError(f"start_urls: the addresses of a search must contain {PLACE}")
        if self.kind == "youtube":
            _understood(self.start_urls)
        if is_blank(self.name):
            raise ValueError("name: it must be visible")
        if self.name in (".", ".."):  # clients take them out of an address: nobody could ask for the target
            raise ValueError("name: it must be more than dots")
        if any(urlsplit(url).username is not None or urlsplit(url).password is not None for url in self.start_urls):
            raise ValueError("start_urls: an address must not hold a name and a password; they would not be sent")
        return self

    @property
    def target(self) -> Target:
        return Target(**self.model_dump())


def _understood(urls: Iterable[str]) -> None:
    try:
        for url in urls:
            youtube_address(url)
    except Invalid as error:
        raise ValueError(f"start_urls: {error}") from error


class TargetFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    targets: list[TargetForm] = Field(min_length=1)


def targets_of(text: bytes | str, source: str) -> list[Target]:
    """The targets of a file, `{"targets": [...]}`, or the same in TOML where `source` ends so. Raises Invalid that
    names `source`, the field and what it takes."""
    try:
        if source.endswith(".toml"):
            form = TargetFile.model_validate(tomllib.loads(text if isinstance(text, str) else text.decode()))
        else:
            form = TargetFile.model_validate_json(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{source}: {error}") from None
    except ValidationError as error:
        raise Invalid("\n".join(f"{source}: {problem}" for problem in _problems(error, "the file"))) from None
    names = [target.name for target in form.targets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(f"{source}: targets: the name {twice[0]} appears twice")
    return [target.target for target in form.targets]


def target_of(fields: dict[str, Any]) -> Target:
    """A target of its fields. Raises Invalid that names the field."""
    try:
        return TargetForm.model_validate(fields).target
    except ValidationError as error:
        raise Invalid("; ".join(_problems(error, "the target"))) from None


def written(targets: Iterable[Target]) -> str:
    """The file of the targets; what is as by default is left out."""
    return json.dumps({"targets": [differing(target) for target in targets]}, ensure_ascii=False, indent=2) + "\n"


def differing(target: Target) -> dict[str, Any]:
    """The fields of a target that are not as by default."""
    default = asdict(Target(""))
    return {name: value for name, value in asdict(target).items() if value != default[name]}


def hosts_of(target: Target) -> frozenset[str]:
    """The hosts that a target may visit: those it names, else those of its start URLs. Raises Invalid (`bad_url`)."""
    if target.allowed_hosts:
        return frozenset(host_of(f"http://{host}/") for host in target.allowed_hosts)
    return frozenset(map(host_of, target.start_urls))


def start_urls(target: Target) -> tuple[str, ...]:
    """Where a crawl begins: a search's addresses are filled in with each keyword."""
    if target.kind != "search":
        return target.start_urls
    return tuple(url.replace(PLACE, quote_plus(word)) for url in target.start_urls for word in target.keywords)


def scope_of(target: Target) -> str:
    """Equal for targets that want the same pages: how fast and how often does not matter."""
    wanted = (target.kind, target.start_urls, target.keywords, target.allowed_hosts, target.allowed_paths, target.depth)
    return blake2b(json.dumps(wanted).encode(), digest_size=16).hexdigest()


def in_paths(url: str, target: Target) -> bool:
    """Whether the path of an address begins as the target wants it."""
    if not target.allowed_paths:
        return True
    path = "/" + url.split("/", 3)[3] if url.count("/") > 2 else "/"
    return path.startswith(target.allowed_paths)


def _problems(error: ValidationError, whole: str) -> Iterator[str]:
    """`targets[3].rate: what it takes` for each; what the form itself finds begins with the field's name."""
    for problem in error.errors():
        place, said = _where(problem["loc"]), refusal(problem["type"], problem["msg"], problem.get("ctx", {}))
        if problem["type"] == "value_error":
            field, _, said = said.partition(": ")
            place = f"{place}.{field}".removeprefix(".")
        if problem["type"] == "extra_forbidden":
            said = _unknown(str(problem["loc"][-1]))
        yield f"{place or whole}: {said}"


def _unknown(field: str) -> str:
    """What is said of a field that a target does not have."""
    near = difflib.get_close_matches(field, TargetForm.model_fields, 1)
    return f"there is no such field{f'; did you mean {near[0]}?' if near else ''}"


def _where(place: tuple[int | str, ...]) -> str:
    """`targets[3].rate` of ("targets", 3, "rate")."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
