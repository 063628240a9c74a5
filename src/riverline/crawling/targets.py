"""The fields of a target and what they take; a file of them; the hosts, paths and start addresses of one. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from hashlib import blake2b
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from riverline.errors import Invalid
from riverline.model import Target
from riverline.text.url import host_of

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/:@?#]+$|^\[[0-9A-Fa-f:.]+\]$")]
Path = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^/")]
Url = Annotated[str, Field(pattern=r"^https?://", max_length=2_048)]
Keyword = Annotated[str, Field(min_length=1, max_length=200)]
PLACE = "{keyword}"  # in the addresses of a search
LISTS = frozenset({"sitemap", "feed"})  # kinds whose pages are not searched for links


class TargetForm(BaseModel):
    """The fields of a target and what they take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\s/]+( [^\s/]+)*$")
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
    proxy: str = Field("", pattern=r"^$|^http://[^/\s]+:[0-9]{1,5}/?$")
    enabled: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.start_urls and not (self.kind == "youtube" and self.keywords):
            raise ValueError("start_urls: it has none")
        if self.kind == "search" and not self.keywords:
            raise ValueError("keywords: a search needs one")
        if self.kind == "search" and not all(PLACE in url for url in self.start_urls):
            raise ValueError(f"start_urls: the addresses of a search hold {PLACE}")
        return self

    @property
    def target(self) -> Target:
        return Target(**self.model_dump())


class TargetFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    targets: list[TargetForm] = Field(min_length=1)


def targets_of(text: bytes | str, source: str) -> list[Target]:
    """The targets of a file, `{"targets": [...]}`. Raises Invalid that names `source`, the field and what it takes."""
    try:
        form = TargetFile.model_validate_json(text)
    except ValidationError as error:
        raise Invalid("\n".join(f"{source}: {problem}" for problem in _problems(error, "the file"))) from None
    names = [target.name for target in form.targets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(f"{source}: targets: the name {twice[0]} is there twice")
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
        place, said = _where(problem["loc"]), problem["msg"]
        if problem["type"] == "value_error":
            field, _, said = said.removeprefix("Value error, ").partition(": ")
            place = f"{place}.{field}".removeprefix(".")
        yield f"{place or whole}: {said}"


def _where(place: tuple[int | str, ...]) -> str:
    """`targets[3].rate` of ("targets", 3, "rate")."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
