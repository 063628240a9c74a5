"""From the bytes of a page to what it says. Pure."""
