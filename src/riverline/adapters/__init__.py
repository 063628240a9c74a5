"""The contracts implemented with Elasticsearch, Kafka, MySQL, Redis and Storm, in a folder for each server."""
