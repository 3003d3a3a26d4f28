"""`python -m bot.train`: train the model into bot/models/, only if data, config or components changed."""

from __future__ import annotations

import sys
import time

from bot import model
from bot.surroundings import prepare, quiet

KEPT = 3  # models; the older ones go


def main() -> int:
    target = model.path()
    if target.exists():
        print(f"· model {target.name} is up to date")
        return 0
    print("· training the model (about half a minute)", flush=True)
    started = time.monotonic()
    prepare()
    import rasa
    from rasa.shared.exceptions import RasaException

    quiet()
    try:
        result = rasa.train(
            domain=str(model.DOMAIN),
            config=str(model.CONFIG),
            training_files=[str(folder) for folder in [*model.TRAINED_ON, model.RULES]],
            output=str(model.MODELS),
            force_training=True,
            fixed_model_name=model.name(),
        )
    except RasaException as error:
        print(f"train: the model could not be trained: {error}", file=sys.stderr)
        return 1
    if result.code != 0 or not target.exists():
        print("train: Rasa did not finish the model; see the lines above.", file=sys.stderr)
        return 1
    _forget_old()
    print(f"· model {target.name} trained in {time.monotonic() - started:.0f} s")
    return 0


def _forget_old() -> None:
    models = sorted(
        model.MODELS.glob("navigator-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for old in models[KEPT:]:
        old.unlink()


if __name__ == "__main__":
    sys.exit(main())
