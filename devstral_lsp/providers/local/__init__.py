"""The provider that needs no key: completes from the user's own code."""
