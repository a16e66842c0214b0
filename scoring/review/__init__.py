"""Review: every month, whether the card in force still keeps its promise."""
