"""In-memory twins of the stores: the same contracts, no server. Tests of logic use them; the contract suite keeps them honest."""

from __future__ import annotations
