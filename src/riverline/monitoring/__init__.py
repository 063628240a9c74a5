"""What the monitor records, and others read: samples, their history, incidents, actions."""
