"""Which address is visited next, and when: the frontier, its hosts' turns, and its store of addresses."""
