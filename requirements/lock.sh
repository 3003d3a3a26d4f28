#!/usr/bin/env bash
# Pins pyproject.toml's extras into hashed lock files. Names neither a package index nor a path of this machine.
set -eu
cd "$(dirname "$0")"
compile() {
    uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command 'make lock' "$@" ../pyproject.toml
}
compile --universal --python-version 3.11 --extra app --output-file app.lock
compile --universal --python-version 3.11 --extra dev --constraints app.lock --output-file dev.lock
# TensorFlow, which Rasa imports at start, has wheels of this age for Linux only.
compile --python-version 3.10 --python-platform x86_64-manylinux_2_28 --extra bot --output-file bot.lock
