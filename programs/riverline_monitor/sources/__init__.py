"""Where the numbers come from: a module for each server. `all_sources` names them all."""
