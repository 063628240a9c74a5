"""Which address is visited next, and when its host may be asked: the frontier, and what it remembers."""
