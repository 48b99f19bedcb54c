#!/bin/sh
# Makes .venv hold what the named locks pin:  tools/setup.sh requirements.txt [requirements-test.txt]
# Does nothing when it already does. PYTHON chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)
venv=$root/.venv
trap 'exit 130' INT TERM # an interrupted installer must not look like one that failed

# A copy of each lock is kept in .venv once it is installed, so that its content decides, not its date.
outdated() {
    for lock in "$@"; do
        cmp -s "$lock" "$venv/.installed/$lock" || echo "$lock"
    done
}

# .venv is ours to rebuild when a set-up did not finish, the folder was moved or its Python is gone.
broken() {
    [ -e "$venv/.installed" ] || return 1
    [ -e "$venv/.installed/unfinished" ] || [ ! -x "$venv/bin/python" ] ||
        [ "$(cat "$venv/.installed/folder")" != "$root" ]
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.13 python3.12 python3.11; fi
    for python in "$@"; do
        if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null; then
            if "$python" -c 'import ensurepip, venv' 2> /dev/null; then return; fi
            echo "$python has no venv and pip of its own. On Debian and Ubuntu: sudo apt install python3-venv" >&2
            exit 1
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 is needed; tried $*: $("$1" --version 2>&1 || true)" >&2
    echo "Where another one is installed, name it: make ... PYTHON=/path/to/python3.12" >&2
    exit 1
}

# uv takes half as long as pip. pip does it where it is told of a mirror or proxy, which uv would not
# know, and where uv fails.
install() {
    if ! .venv/bin/python -m pip config list | grep -E '\.(index-url|no-index|proxy)=' > /dev/null; then
        if .venv/bin/python -m pip install --quiet --require-hashes -r tools/uv.txt &&
            .venv/bin/uv pip install --python .venv/bin/python --require-hashes --compile-bytecode "$@"; then
            return
        fi
        echo "uv could not do it; trying with pip."
    fi
    .venv/bin/python -m pip install --require-hashes "$@"
}

needed=$(outdated "$@")
if [ -z "$needed" ] && ! broken; then exit; fi

python=
if broken || ! .venv/bin/python -m pip --version > /dev/null 2>&1; then
    find_python
    echo "Setting up .venv with $("$python" --version)."
    case " $* " in
        *" requirements.txt "*) echo "About 100 packages, 500 MB to download, 2 GB on disk." ;;
    esac
    echo "This takes a minute or a few, and happens once only."
    if broken; then rm -rf "$venv"; fi
    needed=$*
else
    echo "Bringing .venv up to date with" $needed
fi

mkdir -p .venv/.installed
echo "$root" > .venv/.installed/folder
touch .venv/.installed/unfinished
if [ -n "$python" ]; then "$python" -m venv "$venv"; fi
install $(printf -- '-r %s ' $needed)
cp $needed .venv/.installed/
rm .venv/.installed/unfinished
echo "Set-up is done."
