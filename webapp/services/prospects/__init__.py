"""What prospects do: begin, answer, go on later, end. And what an answer amounts to."""
