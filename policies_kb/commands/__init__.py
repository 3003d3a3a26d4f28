"""The commands of `python -m policies_kb`: one module each, with NAME, HELP, add_arguments(parser) and run(chosen).

A new command is a new module and its place in __main__.py's table.
"""
