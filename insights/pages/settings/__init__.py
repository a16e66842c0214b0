"""Settings: what a workspace's admins and managers may change without code, a section each."""
