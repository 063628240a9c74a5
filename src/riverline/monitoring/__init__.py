"""What the monitor finds and keeps, for all who read it: samples, their history, incidents, actions."""
