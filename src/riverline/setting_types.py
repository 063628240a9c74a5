"""What single settings take: addresses, URLs, lists of them, switches."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._\-]+:[0-9]{1,5}$", description="host:port")]
Url = Annotated[str, Field(pattern=r"^https?://", description="an http or https URL")]

SMTP = r"^$|^[A-Za-z0-9._\-]+:[0-9]{1,5}$"


def _split(value: object) -> object:
    """`a:1,b:2` in the environment is a list; JSON is taken too."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("[") else [p.strip() for p in value.split(",") if p.strip()]


Addresses = Annotated[tuple[Address, ...], NoDecode, BeforeValidator(_split), Field(description="host:port,host:port")]
Urls = Annotated[tuple[Url, ...], NoDecode, BeforeValidator(_split), Field(description="url,url")]
Origin = Annotated[str, Field(pattern=r"^(\*|https?://[A-Za-z0-9._\-]+(:[0-9]{1,5})?)$")]
Origins = Annotated[
    tuple[Origin, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(description="sites whose scripts may use the API, such as https://app.example, or *; empty: none"),
]
Names = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(description="host names of the site, besides addresses and localhost, separated by commas; *: any"),
]
Client = Annotated[str, Field(pattern=r"^[0-9A-Za-z.:%_/\-]+$")]
Clients = Annotated[
    tuple[Client, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(min_length=1, description="where its accounts connect from, such as 10.1.0.%, separated by commas"),
]
HostRate = Annotated[str, Field(pattern=r"^[^=\s,]+=(?:[1-9][0-9]*(?:\.[0-9]+)?|0\.[0-9]*[1-9][0-9]*)$")]
PrivateHost = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(/[0-9]{1,3})?(:[0-9]{1,5})?$")]
PrivateHosts = Annotated[
    tuple[PrivateHost, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(
        description="private hosts and networks that targets may name, with or without a port; by default the demo web"
    ),
]
HostRates = Annotated[
    tuple[HostRate, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(description="limits of single hosts: host=requests per second, separated by commas"),
]
Switch = Annotated[bool, Field(description="whether clients speak TLS with it; unset: as RIVERLINE_STACK__TLS says")]
