"""Pages that show what several rooms know together: a lead, a day, the board, the dashboard."""
