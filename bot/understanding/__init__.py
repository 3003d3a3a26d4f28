"""What a resident wrote, understood: language, numbers, places, people, facts, danger.

Plain functions and classes in one file per idea; `components.py` holds the thin Rasa components around them.
"""
