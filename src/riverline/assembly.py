"""The composition root: Settings in, Services out. Nothing else builds a store."""

from __future__ import annotations
