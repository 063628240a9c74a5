"""All pages, around the services of an application."""

from __future__ import annotations

from flask import Flask

from api.web import errors, layout, visitor
from api.web.account import account
from api.web.feed_page import feed_pages
from api.web.people_page import people
from api.web.pipeline_page import pipeline_pages
from api.web.search_page import search_pages
from api.web.statistics_page import statistics_pages
from riverline.access.tokens import Recognition


def register(app: Flask, recognition: Recognition) -> None:
    """Adds the pages to an application."""
    visitor.register(app, recognition)
    errors.register(app)
    for pages in (layout.site, search_pages, account, feed_pages, people, statistics_pages, pipeline_pages):
        app.register_blueprint(pages)
