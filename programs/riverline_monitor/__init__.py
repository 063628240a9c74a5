"""Watches the other programs: samples, alerts, and scales."""
