"""A small realistic web of our own, served on the loopback interface, for crawls, tests and judgements."""
