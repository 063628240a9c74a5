"""The steps of the topology `content` as plain objects: no Storm, no sockets of their own."""
