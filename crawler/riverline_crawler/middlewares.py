"""Bodies are decompressed up to the size limit: a larger one is a page that is too large, not an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

if TYPE_CHECKING:
    from scrapy import Request, Spider

TOO_LARGE = "too_large"


class InflateMiddleware(HttpCompressionMiddleware):
    """Scrapy's unpacking, which stops at DOWNLOAD_MAXSIZE; the answer then goes on without its body."""

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Any:
        if b"Content-Encoding" not in response.headers:
            return response
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            return response.replace(cls=Response, body=b"", flags=[*response.flags, TOO_LARGE])
