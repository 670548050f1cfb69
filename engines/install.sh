#!/usr/bin/env bash
# Installs what the engines beside this file need into .engines at the project's root; says which could not be.
# Names of engines (`engines/install.sh ncnn openvino`) install these alone.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(dirname "$here")/.engines
if [ $# -eq 0 ]; then
    cd "$here" && set -- *_engine.py && set -- "${@%_engine.py}"
fi

[ -x "$target/bin/python" ] || python3 -m venv "$target" || { echo "engines: python3 with venv is needed" >&2; exit 74; }

failed=()
for engine in "$@"; do
    file=$here/${engine}_engine.py
    [ -f "$file" ] || { echo "engines: there is no $engine" >&2; failed+=("$engine"); continue; }
    read -ra packages <<<"$(sed -n 's/^# requires: //p' "$file")"
    echo "engines: installing $engine (${packages[*]})" >&2
    if "$target/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2 &&
        (cd / && "$target/bin/python" "$file" --check) >&2; then :; else failed+=("$engine"); fi
done

[ ${#failed[@]} -eq 0 ] || { echo "engines: could not install: ${failed[*]}" >&2; exit 74; }
