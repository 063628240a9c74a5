"""Requests of a test to the stack's Elasticsearch, beside those of the project's own client."""

from __future__ import annotations

import httpx

from riverline.settings import Settings


def elastic(settings: Settings, timeout: float = 30) -> httpx.Client:
    """A client that is known to the server; requests begin at its root."""
    server = settings.elasticsearch
    return httpx.Client(base_url=server.urls[0], auth=(server.user, server.password), timeout=timeout, trust_env=False)
