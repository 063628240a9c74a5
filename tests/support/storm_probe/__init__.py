"""A topology that asks Storm for its promises; it runs on the real one and on its model."""
