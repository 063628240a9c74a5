"""Sentence models on this machine. They take the packages of the group `semantic`, with a model's."""
