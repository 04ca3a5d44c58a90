"""Who proposes values from what earlier trials reached."""
