"""What to crawl, when, and which pages of it to keep: pure."""
