"""Backups: MariaDB, Elasticsearch, targets, settings and the topology's offsets in Kafka, in one folder each."""
