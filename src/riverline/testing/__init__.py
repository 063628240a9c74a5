"""Doubles for tests and simulations, which no program imports and Storm's jar leaves out."""
