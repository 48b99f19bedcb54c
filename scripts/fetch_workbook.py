"""Download the workbook that the config names by its URL.

In: the URL, and the SHA-256 that the file must have, if the config has it. Out: the workbook, whole
and checked, or not at all. A download that breaks off is resumed where it ended.
"""

import logging
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from auscultation.job.errors import InputError
from auscultation.job.files import sha256_of
from auscultation.job.log import start

TRIES = 5
WAIT = 1.0  # s, before the second try; doubled each time
TIMEOUT = (10, 60)  # s, to connect and between two pieces
PIECE = 1 << 16  # bytes; of a connection that breaks, less than one is lost
REPORT = 5.0  # s, between two lines in the log
GONE = (400, 401, 403, 404, 405, 410, 451)  # trying again changes nothing


class Broken(Exception):
    """A try that failed in a way that the next one may not."""


def download(url: str, part: Path) -> None:
    """Write what is still missing of a file.

    Parameters
    ----------
    url
        Where the file is; redirects are followed, from https to https only.
    part
        The part of it that is there; it grows, so that nothing is lost when the connection breaks.

    Raises
    ------
    InputError
        Where the server has no such file or its certificate is not valid.
    Broken
        Where the connection failed, was too slow, or ended early.
    """
    have = part.stat().st_size if part.exists() else 0
    # no compression on the way: sizes are those of the file
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if urlsplit(url).scheme == "https" and urlsplit(answer.url).scheme != "https":
                raise InputError(f"{url} leads to {answer.url}, which is not encrypted")
            if answer.status_code == 416:  # all of it is there, or it is another file
                part.unlink()
                raise Broken("the server has no more than what was there; starting anew")
            if answer.status_code in GONE:
                raise InputError(f"{url}: {answer.status_code} {answer.reason}")
            if answer.status_code not in (200, 206):
                raise Broken(f"{answer.status_code} {answer.reason}")
            resumed = answer.status_code == 206
            if have and resumed:
                logging.info("resuming after %d bytes", have)
            length = answer.headers.get("Content-Length")
            size = _write(answer, part, "ab" if resumed else "wb", have if resumed else 0)
            if length is not None and size != int(length):
                raise Broken(f"it ended after {size} of {length} bytes")
    except requests.exceptions.SSLError as error:
        raise InputError(f"{url}: the server's certificate is not valid: {error}") from error
    except requests.exceptions.InvalidURL as error:
        raise InputError(f"{url}: {error}") from error
    except requests.exceptions.RequestException as error:
        raise Broken(str(error)) from error


def _write(answer: requests.Response, part: Path, mode: str, have: int) -> int:
    """Write the body of an answer; return its bytes."""
    size, logged = 0, time.monotonic()
    with open(part, mode) as file:
        for piece in answer.iter_content(PIECE):
            file.write(piece)
            size += len(piece)
            if time.monotonic() - logged > REPORT:
                logged = time.monotonic()
                logging.info("%.1f MB so far", (have + size) / 1e6)
    return size


def fetch(url: str, path: Path, sha256: str | None) -> str:
    """Write a downloaded and checked file in its place, and return its SHA-256.

    Parameters
    ----------
    url
        Where it is.
    path
        Where to put it. What has arrived of it so far is beside it, in `<path>.part`.
    sha256
        What its SHA-256 must be, in hexadecimal digits; None accepts any file.

    Returns
    -------
    str
        The file's SHA-256.

    Raises
    ------
    InputError
        Where it cannot be had, or is another file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    if sha256 is None:  # nothing could tell whether an old beginning belongs to it
        part.unlink(missing_ok=True)
    for number in range(1, TRIES + 1):
        resumed = part.exists()
        try:
            download(url, part)
            actual = sha256_of(part)
            if sha256 in (None, actual):
                part.replace(path)
                return actual
            part.unlink()
            if not resumed:
                raise InputError(
                    f"{url} is another file than config key `sha256` expects: it has SHA-256 "
                    f"{actual}, not {sha256}. If the new file is wanted, put its SHA-256 there"
                )
            raise Broken("what was there before and what arrived do not fit; starting anew")
        except Broken as error:
            if number == TRIES:
                raise InputError(
                    f"{url} could not be downloaded in {TRIES} tries: {error}. What has arrived is "
                    "kept if `sha256` is set: start again to resume, or download it with a browser "
                    "and set config key `workbook` to its path"
                ) from error
            wait = WAIT * 2 ** (number - 1)
            logging.warning("try %d: %s; again in %g s", number, error, wait)
            time.sleep(wait)
    raise AssertionError("unreachable")


def main(snakemake) -> None:
    """Download the workbook."""
    params = snakemake.params
    logging.info("downloading %s", params.url)
    sha256 = fetch(params.url, Path(snakemake.output.workbook), params.sha256)
    if params.sha256 is None:
        logging.warning(
            "not checked; to accept this file only, set config key `sha256: %s`", sha256
        )


start(globals(), main)
