"""Elasticsearch's client comes without the HTTP libraries that nobody uses of it."""

from __future__ import annotations

import subprocess
import sys

IMPORT = "from riverline.adapters.elasticsearch.client_import import UNUSED, import_client; import sys, threading"


def said(code: str) -> list[str]:
    run = subprocess.run([sys.executable, "-c", f"{IMPORT}\n{code}"], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_it_leaves_out_what_it_would_take_where_that_is_installed() -> None:
    assert said("import elasticsearch; print(*sorted(UNUSED & {*sys.modules}))") == ["aiohttp", "httpx", "requests"]
    code = "import_client(); from elasticsearch import Elasticsearch; print(*sorted(UNUSED & {*sys.modules}))"
    assert said(code) == []


def test_others_may_import_them_meanwhile_and_afterwards() -> None:
    code = """
from riverline.adapters.elasticsearch.client_import import _Refusal
sys.meta_path.insert(0, _Refusal())
try:
    import httpx
except ModuleNotFoundError:
    print("refused")
other = threading.Thread(target=lambda: __import__("httpx")); other.start(); other.join()
import httpx
print("there")
"""
    assert said(code) == ["refused", "there"]
    assert said("import_client(); import aiohttp, httpx, requests; print('there')") == ["there"]
