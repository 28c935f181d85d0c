"""Whether a right answer reaches the screen whole: true statements, said by a scripted model."""
