"""Settings: their schema, the layers they come from, the keys, and who may have them."""
