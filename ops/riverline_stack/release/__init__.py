"""Releases of the topology: built, submitted, judged, taken back."""
