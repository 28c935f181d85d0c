"""The only room with httpx: client, timeouts, errors, rate limits, and how streams are read."""
