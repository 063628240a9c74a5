"""Dates: the forms they are written in, and which of a page's dates is the page's own."""
