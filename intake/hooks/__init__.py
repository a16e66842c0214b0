"""Webhooks that come in: how each vendor proves who it is, and what its messages say about leads."""
