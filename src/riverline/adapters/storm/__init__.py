"""Storm: what Nimbus says of its cluster."""
