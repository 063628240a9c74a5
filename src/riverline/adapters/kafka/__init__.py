"""Kafka: pages in topics, one per site, and the offsets that readers commit."""
