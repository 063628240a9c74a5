"""Riverline's core: what the topology, the API, the crawler and the tasks share. It imports none of them."""
