"""The servers of the stack: what each is made of, how it is configured and started, and who is the primary."""
