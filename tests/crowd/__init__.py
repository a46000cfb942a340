"""Many people at once, over HTTP, against a portal that runs as it is deployed."""
