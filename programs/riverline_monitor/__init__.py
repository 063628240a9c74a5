"""Watches the rest: samples it, tells when something is wrong, lets it grow and shrink."""
