"""Rasa's custom actions: thin. Each reads the turn, calls policies_kb and casework, and says the answer."""
