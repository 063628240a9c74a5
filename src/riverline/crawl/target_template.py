"""A file of targets to fill in: every field with its meaning; those with a default are commented out."""

from __future__ import annotations

TEMPLATE = """\
# What Riverline crawls. Fill it in, then: riverline targets import THIS_FILE
# The crawler obeys robots.txt, and needs a contact address for site owners: RIVERLINE_CRAWL__CONTACT.

[[targets]]
name = "example"                        # as lists and reports call it
start_urls = ["https://example.org/"]   # where it begins

# kind = "site"             # site, sitemap, feed, search or youtube
# keywords = []             # keep only pages that contain one of them; of a search: what is searched for
# allowed_hosts = []        # hosts that may be visited; none: those of start_urls
# allowed_paths = []        # beginnings of paths that may be visited, such as "/news/"; none: all
# rate = 1.0                # requests a second and host, at most
# concurrency = 4           # requests in flight to a host, at most
# max_pages = 10000         # addresses that are requested in a round, at most
# depth = 20                # links from a start address, at most
# interval = 86400          # seconds between two rounds
# priority = 0              # the higher one is crawled first, -100 to 100
# proxy = ""                # http://host:port
# enabled = true

# Another one begins with [[targets]] again.
"""
