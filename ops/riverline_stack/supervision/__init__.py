"""The processes of the stack: started, watched, asked how they are, stopped."""
