"""`python -m bot.serve`: the Rasa server, on loopback, its token taken from the environment and not from its arguments.

Needs NAVIGATOR_RASA_TOKEN, NAVIGATOR_RASA_PORT and NAVIGATOR_ACTIONS_PORT; `make run` sets them.
"""

from __future__ import annotations

import os
import sys

from bot import model
from bot.surroundings import prepare, quiet


def main() -> int:
    missing = [
        name
        for name in ("NAVIGATOR_RASA_TOKEN", "NAVIGATOR_RASA_PORT", "NAVIGATOR_ACTIONS_PORT")
        if not os.environ.get(name)
    ]
    if missing:
        print(f"rasa: set {', '.join(missing)} (`make run` does).", file=sys.stderr)
        return 1
    target = model.path()
    if not target.exists():
        print("rasa: no model for the present data; run `make train`.", file=sys.stderr)
        return 1
    prepare()
    import rasa

    quiet()
    rasa.run(
        model=str(target),
        endpoints=str(model.ROOT / "endpoints.yml"),
        credentials=str(model.ROOT / "bot" / "credentials.yml"),
        interface="127.0.0.1",
        port=int(os.environ["NAVIGATOR_RASA_PORT"]),
        enable_api=True,
        auth_token=os.environ["NAVIGATOR_RASA_TOKEN"],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
