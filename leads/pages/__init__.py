"""The pages of lists of leads: the list itself, a peek at one, entering one, opportunities."""
