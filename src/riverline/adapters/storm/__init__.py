"""Storm: the cluster's state, from Nimbus."""
