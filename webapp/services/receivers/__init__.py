"""Who is told: connections, what is to be sent to them and what became of it."""
