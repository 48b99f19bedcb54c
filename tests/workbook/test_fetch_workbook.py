"""Downloads from a server on this machine that fails in the ways servers do."""

import gzip
import hashlib
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

import fetch_workbook
from auscultation.config.resolve import ConfigError, resolve
from auscultation.job.errors import InputError
from auscultation.workbook.read import read_workbook
from auscultation.workbook.sources import PUBLISHED, expected_sha256, file_name, url_of
from binary_workbooks import xls
from fetch_workbook import fetch
from workbooks import csv_text, ods, sheet, table, xlsx

CONTENT = bytes(range(256)) * 4000  # about 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; the path says how it goes wrong, `server.asked` what was asked for."""

    def do_GET(self):
        kind = self.path.strip("/").split("/")[0]
        begin = self.headers.get("Range")
        self.server.asked.append((kind, begin))
        first = sum(k == kind for k, _ in self.server.asked) == 1
        if kind == "gone":
            return self.send_error(404)
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "/whole/book.xlsx")
            return self.end_headers()
        if kind == "busy" and first:
            return self.send_error(503)
        start = int(begin[6:-1]) if begin and kind != "unresumable" else 0
        if start >= len(CONTENT):
            return self.send_error(416)
        content = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if kind in ("cut", "unresumable") and first:
            self.wfile.write(content[:300_000])
            self.wfile.flush()
            return self.connection.shutdown(2)
        if kind == "endless" and first:
            self.wfile.write(content[:100])
            self.wfile.flush()
            return self.server.stopped.wait(20)
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(fetch_workbook, "WAIT", 0)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.stopped = [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.stopped.set()
        server.shutdown()
        thread.join()


def kinds(server):
    return [kind for kind, _ in server.asked]


@pytest.mark.parametrize("sha256", [SHA256, None])
def test_a_file_is_downloaded_and_checked(server, tmp_path, sha256):
    path = tmp_path / "download" / "book.xlsx"
    assert fetch(f"{server.url}/whole/book.xlsx", path, sha256) == SHA256
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["busy", "moved", "unresumable"])
def test_what_does_not_matter(server, tmp_path, kind):
    fetch(f"{server.url}/{kind}/book.xlsx", tmp_path / "b.xlsx", SHA256)
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT


def test_a_download_that_breaks_off_goes_on_where_it_ended(server, tmp_path):
    fetch(f"{server.url}/cut/book.xlsx", tmp_path / "b.xlsx", SHA256)
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT
    (_, first), (_, second) = server.asked
    assert first is None and 0 < int(second[6:-1]) <= 300_000


def test_a_server_that_falls_silent_is_asked_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_workbook, "TIMEOUT", (2, 0.3))
    fetch(f"{server.url}/endless/book.xlsx", tmp_path / "b.xlsx", SHA256)
    assert kinds(server) == ["endless"] * 2
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT


def test_the_next_start_goes_on_too(server, tmp_path):
    (tmp_path / "b.xlsx.part").write_bytes(CONTENT[:1000])
    fetch(f"{server.url}/whole/book.xlsx", tmp_path / "b.xlsx", SHA256)
    assert server.asked == [("whole", "bytes=1000-")]
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT


@pytest.mark.parametrize("left", [b"another file", CONTENT + b"and more"])
def test_a_beginning_of_another_file_does_no_harm(server, tmp_path, left):
    (tmp_path / "b.xlsx.part").write_bytes(left)
    fetch(f"{server.url}/whole/book.xlsx", tmp_path / "b.xlsx", SHA256)
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT
    (tmp_path / "b.xlsx.part").write_bytes(left)
    fetch(f"{server.url}/whole/book.xlsx", tmp_path / "b.xlsx", None)
    assert (tmp_path / "b.xlsx").read_bytes() == CONTENT


def test_missing_file_is_not_asked_for_twice(server, tmp_path):
    with pytest.raises(InputError, match="/gone/b.xlsx: 404 Not Found"):
        fetch(f"{server.url}/gone/b.xlsx", tmp_path / "b.xlsx", SHA256)
    assert kinds(server) == ["gone"]
    assert list(tmp_path.iterdir()) == []


def test_another_file_is_refused(server, tmp_path):
    with pytest.raises(InputError, match=f"it has SHA-256 {SHA256}, not {'0' * 64}"):
        fetch(f"{server.url}/whole/b.xlsx", tmp_path / "b.xlsx", "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_workbook, "TRIES", 2)
    server.server_close()
    with pytest.raises(InputError, match="could not be downloaded in 2 tries"):
        fetch(f"{server.url}/whole/b.xlsx", tmp_path / "b.xlsx", SHA256)


def test_a_certificate_that_nobody_vouches_for(server, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
    try:
        subprocess.run(
            [*command.split(), "-keyout", made / "key", "-out", made / "cert"],
            check=True,
            capture_output=True,
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made / "cert", made / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"https://127.0.0.1:{server.server_port}/whole/b.xlsx"
    with pytest.raises(InputError, match="the server's certificate is not valid"):
        fetch(url, tmp_path / "b.xlsx", SHA256)
    assert not (tmp_path / "b.xlsx").exists() and server.asked == []


def test_published_is_the_notebooks_file(real_workbook):
    assert hashlib.sha256(Path(real_workbook).read_bytes()).hexdigest() == PUBLISHED["sha256"]


class TestConfig:
    @pytest.fixture
    def schema(self):
        path = Path(__file__).resolve().parents[2] / "config.schema.yaml"
        return yaml.safe_load(path.read_text(encoding="utf-8"))

    def ok(self, schema, **changes):
        return resolve({"splits": {"half": {}}, "models": {"knn": {}}} | changes, schema)

    def test_published_brings_its_sha256(self, schema):
        config = self.ok(schema, workbook="published")
        assert url_of(config["workbook"]).endswith("/auscultation_features.xlsx")
        assert expected_sha256(config) == PUBLISHED["sha256"]
        assert file_name(url_of(config["workbook"])) == "auscultation_features.xlsx"

    def test_given_sha256_counts_in_any_case(self, schema):
        config = self.ok(schema, workbook="https://example.org/a", sha256=SHA256.upper())
        assert expected_sha256(config) == SHA256

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("https://example.org/a/My%20cycles.ods?raw=1", "My_cycles.ods"),
            ("http://example.org/", "workbook"),
            ("https://example.org/..%2F..%2Fetc", "etc"),
            ("https://example.org/.hidden.csv", "hidden.csv"),
            ("https://example.org/export?format=csv", "export"),
            ("https://example.org/cycles.csv.gz", "cycles.csv.gz"),
        ],
    )
    def test_file_names_stay_in_their_folder(self, url, name):
        assert file_name(url) == name

    @pytest.mark.parametrize(
        "make", [csv_text, xlsx, ods, xls, lambda cells: gzip.compress(csv_text(cells).encode())]
    )
    def test_what_a_download_is_its_content_says(self, tmp_path, make):
        """Fault 13: a table behind a URL without an ending is read, whatever its kind."""
        content = make(sheet())
        for url in ("https://example.org/export?format=csv", "https://example.org/get.php"):
            path = tmp_path / file_name(url)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            assert read_workbook(path).table.equals(table())

    def test_a_page_instead_of_a_table(self, tmp_path):
        """Fault 13: what a server sends in place of the table is said to be a page."""
        path = tmp_path / file_name("https://example.org/export")
        path.write_text("\n<html><body>Please log in: patient_ID, age", encoding="utf-8")
        with pytest.raises(InputError, match="not a spreadsheet .it is a web page or XML"):
            read_workbook(path)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"workbook": "https://example.org/a.xlsx", "sha256": "12"}, "sha256: '12' does not"),
            ({"workbook": "a.xlsx", "sha256": SHA256}, "sha256: only for a `workbook` that is a"),
            ({"workbook": "my <new>.xlsx"}, "workbook: { } < > have a meaning for Snakemake"),
            ({"results": "{results}"}, "results: { } < > have a meaning for Snakemake"),
            ({"workbook": "https:///a.xlsx"}, "workbook: https:///a.xlsx names no server"),
        ],
    )
    def test_what_is_wrong_is_said(self, schema, changes, said):
        with pytest.raises(ConfigError, match=said):
            self.ok(schema, **changes)
