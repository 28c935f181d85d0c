"""From the settings and keys to connected providers, or to the reason why there is none."""
