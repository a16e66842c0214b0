"""Proof: does a high score mean anything? A card held against what became of leads."""
