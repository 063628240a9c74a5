"""Where the numbers come from: a module a server. `all_sources` names them all."""
