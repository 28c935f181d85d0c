"""How long real editors take from a key to ghost text on the screen."""
