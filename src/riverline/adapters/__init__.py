"""The servers: what the contracts promise, kept by Elasticsearch, Kafka, MySQL, Redis and Storm."""
