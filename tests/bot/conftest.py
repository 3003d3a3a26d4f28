"""These suites run in the bot's environment; where its libraries are missing there is nothing to collect."""

from importlib.util import find_spec

if find_spec("jieba") is None or find_spec("spacy") is None:
    collect_ignore_glob = ["test_*.py"]
