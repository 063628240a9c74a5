"""The spiders of Riverline."""
