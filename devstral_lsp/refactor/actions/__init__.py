"""The registry of actions. Adding one is a file in this folder and a line below."""
