"""Learning: a scorecard trained from outcomes, as ordinary rules with points."""
