"""Targets from a JSON file: `{"targets": [{"name": ..., "start_urls": [...]}]}`, fields as in the model's Target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from riverline.errors import Invalid
from riverline.model import Target
from riverline.text.url import host_of

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s/:@?#]+$|^\[[0-9A-Fa-f:.]+\]$")]
Url = Annotated[str, Field(pattern=r"^https?://", max_length=2_048)]


class TargetForm(BaseModel):
    """The fields of a target and what they take."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    kind: Literal["site", "sitemap", "feed", "search", "youtube"] = "site"
    start_urls: tuple[Url, ...] = Field(min_length=1)
    keywords: tuple[str, ...] = ()
    allowed_hosts: tuple[Host, ...] = ()
    rate: float = Field(1.0, gt=0, le=100_000)
    concurrency: int = Field(4, ge=1, le=64)
    max_pages: int = Field(10_000, ge=1)
    depth: int = Field(20, ge=0, le=1_000)
    proxy: str = Field("", pattern=r"^$|^http://[^/\s]+:[0-9]{1,5}/?$")
    enabled: bool = True


class TargetFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    targets: list[TargetForm] = Field(min_length=1)


def load_targets(file: Path) -> list[Target]:
    """The enabled targets of a file. Raises Invalid that names the file, the field and what it takes."""
    try:
        form = TargetFile.model_validate_json(file.read_bytes())
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror or error}") from error
    except ValidationError as error:
        raise Invalid("\n".join(f"{file}: {_where(p['loc'])}: {p['msg']}" for p in error.errors())) from None
    names = [target.name for target in form.targets]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Invalid(f"{file}: targets: the name {twice[0]} is there twice")
    return [Target(**target.model_dump()) for target in form.targets if target.enabled]


def hosts_of(target: Target) -> frozenset[str]:
    """The hosts that a target may visit: those it names, else those of its start URLs. Raises Invalid (`bad_url`)."""
    if target.allowed_hosts:
        return frozenset(host_of(f"http://{host}/") for host in target.allowed_hosts)
    return frozenset(map(host_of, target.start_urls))


def _where(place: tuple[int | str, ...]) -> str:
    """`targets[3].rate` of ("targets", 3, "rate")."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"
