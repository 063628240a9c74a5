"""All pages, around the services of an application."""

from __future__ import annotations

from flask import Flask

from riverline.accounts.tokens import Recognition
from riverline_api.web import errors, layout, session
from riverline_api.web.account import account
from riverline_api.web.account_page import account_pages
from riverline_api.web.feed_page import feed_pages
from riverline_api.web.people_page import people
from riverline_api.web.pipeline_drilldown import pipeline_drilldown
from riverline_api.web.pipeline_page import pipeline_pages
from riverline_api.web.removals_page import removals_pages
from riverline_api.web.search_page import search_pages
from riverline_api.web.statistics_page import statistics_pages
from riverline_api.web.targets_page import targets_pages


def register(app: Flask, recognition: Recognition) -> None:
    """Adds the pages to an application."""
    session.register(app, recognition)
    errors.register(app)
    for_all = (layout.site, search_pages, account, account_pages, feed_pages, people, statistics_pages)
    for pages in (*for_all, pipeline_pages, pipeline_drilldown, targets_pages, removals_pages):
        app.register_blueprint(pages)
