#!/usr/bin/env bash
# Chromium and a Chinese font for the browser tests, from Debian's packages, where they are missing.
set -eu
fonts() { fc-list ':lang=zh' 2>/dev/null | grep -q .; }
if command -v chromium >/dev/null && fonts; then exit 0; fi
if ! command -v apt-get >/dev/null; then
    echo "browser tests: install Chromium and a Chinese font (fonts-noto-cjk), then run this again." >&2
    exit 1
fi
echo "· installing Chromium and a Chinese font for the browser tests"
as_root=$([ "$(id -u)" = 0 ] || echo sudo)
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
