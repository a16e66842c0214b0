"""Pages of proof, learning and review."""
