lock:  ## pin the direct dependencies of pyproject.toml into requirements/
	@:
