"""What reps do with a case, and how it gets to them: given, taken, called, met, reminded of."""
