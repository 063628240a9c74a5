"""Feeds and sitemaps: lists of addresses, with titles and summaries as text."""
