"""Kafka: pages in topics, one a site, and the commits of their readers."""
