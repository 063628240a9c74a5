"""Search: from what a person types to a request, from its answer to what is shown."""
