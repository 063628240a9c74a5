"""A small realistic web of our own, served on the loopback interface, for first crawls, tests and ranking judgements."""
