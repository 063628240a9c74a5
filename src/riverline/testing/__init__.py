"""Test doubles for tests and simulations; no program imports them, and Storm's jar does not contain them."""
