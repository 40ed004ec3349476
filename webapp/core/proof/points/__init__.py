"""The eight points of the proof, a module each: ``check`` yields what it found."""
