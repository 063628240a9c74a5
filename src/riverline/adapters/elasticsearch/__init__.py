"""Elasticsearch: the index of documents, fates and searches."""

from riverline.adapters.elasticsearch.index import ElasticIndex

__all__ = ["ElasticIndex"]
