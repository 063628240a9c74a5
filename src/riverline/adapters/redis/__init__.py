"""Redis Cluster: timelines, leases of hosts, small values; and Celery's queues."""
