"""HTML pages: what they say of themselves, their main text, where they lead."""
