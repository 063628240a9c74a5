"""Backups: MariaDB, Elasticsearch, targets, settings and the topology's place in Kafka, in one folder each."""
