"""Elasticsearch: the index of documents, fates and searches."""

from riverline.stores.elastic.index import ElasticIndex

__all__ = ["ElasticIndex"]
