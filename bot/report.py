"""The report of an evaluation: JSON for machines, a page and a confusion picture for people."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ccc;text-align:left}"
    ".under{color:#a00;font-weight:bold}img{max-width:100%}"
)


def write(measured: dict[str, Any], folder: Path) -> None:
    """report.json, report.html and confusion.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(measured, ensure_ascii=False, indent=1), encoding="utf-8")
    _picture(measured["confusion"], folder / "confusion.png")
    (folder / "report.html").write_text(_page(measured), encoding="utf-8")


def _page(measured: dict[str, Any]) -> str:
    def table(head: list[str], rows: list[list[Any]]) -> str:
        cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
        )
        return f"<table><tr>{cells}</tr>{body}</table>"

    figures = [[name, f"{value:.3f}"] for name, value in sorted(measured["figures"].items())]
    errors = [[error["set"], error["text"], error["true"], error["said"]] for error in measured["errors"]]
    under = "".join(f"<p class=under>{html.escape(fault)}</p>" for fault in measured["under_floor"])
    return (
        f"<!doctype html><meta charset=utf-8><title>Understanding</title><style>{STYLE}</style>"
        f"<h1>Understanding: {html.escape(measured['model'])}</h1>{under}"
        f"{table(['figure', 'value'], figures)}<h2>Confusions</h2><img src=confusion.png alt='confusion of intents'>"
        f"<h2>What went wrong</h2>{table(['set', 'text', 'true', 'understood'], errors)}"
    )


def _picture(confusion: list[list[Any]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    names = sorted({name for true, said, _ in confusion for name in (true, said)})
    place = {name: index for index, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for true, said, count in confusion:
        table[place[true], place[said]] = count
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(0.34 * len(names) + 2, 0.34 * len(names) + 1.5))
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(names)):
        for column in range(len(names)):
            if table[row, column]:
                colour = "white" if share[row, column] > 0.5 else "black"
                axes.text(
                    column, row, int(table[row, column]), ha="center", va="center", fontsize=7, color=colour
                )
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("understood as")
    axes.set_ylabel("meant")
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    plt.close(figure)
