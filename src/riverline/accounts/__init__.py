"""Who may do what: tokens, how often they may ask, and requests that are made twice."""
