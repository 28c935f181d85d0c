"""Settings: schema, layers, merging, and the keys with the hosts they may go to."""
