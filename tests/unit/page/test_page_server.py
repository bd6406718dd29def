"""The page's server over real sockets: who is let in, who is not, and what a stranger learns."""

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError, Response, page, told
from twokey.page.server import HEADERS, MAX_BODY, Server, open_server

HTML = (
    '<!DOCTYPE html><head><meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;"></head>hi'
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> str:
        return str(json.loads(self.body)["error"])


@dataclass(frozen=True, slots=True)
class Site:
    """A server with a page, something to write, and something that breaks; `written` is what came through."""

    server: Server
    written: list[Any]

    @property
    def host(self) -> str:
        return f"localhost:{self.server.port}"

    @property
    def folder(self) -> str:
        """The path of the page, with the token."""
        return "/" + self.server.url.split("/", 3)[3]

    def raw(self, data: bytes) -> Answer:
        """Send bytes as they are."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as there:
            there.sendall(data)
            reply = http.client.HTTPResponse(there, method=data.split(b" ")[0].decode("latin-1"))
            reply.begin()
            return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())

    def ask(self, method: str, path: str, body: bytes | None = None, **changes: str | None) -> Answer:
        """Send a request as the page would; `changes` are headers, None leaves one out."""
        headers: dict[str, str | None] = {"Host": self.host}
        if body is not None:
            headers |= {
                "Origin": f"http://{self.host}",
                "X-Twokey": "1",
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in headers.items() if value is not None),
        ]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))


@pytest.fixture
def site() -> Iterator[Site]:
    server, written = open_server(0), list[Any]()

    def write(sent: Mapping[str, Any]) -> Response:
        written.append(sent)
        return told({"written": len(written)}, last=sent.get("last") is True)

    def fails(_sent: Mapping[str, Any]) -> Response:
        raise {"no": RefusalError(409, "not now"), "cannot": TwokeyError("the disk is full")}.get(
            str(_sent.get("how")), ZeroDivisionError("secret detail")
        )

    routes = {
        ("GET", ""): lambda _sent: page(HTML),
        ("PUT", "grades"): write,
        ("POST", "sign/key"): write,
        ("POST", "breaks"): fails,
    }
    thread = threading.Thread(target=server.serve, args=(routes,), daemon=True)
    thread.start()
    yield Site(server, written)
    if thread.is_alive():
        server.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_the_page_comes_with_headers_that_let_nobody_in(site: Site) -> None:
    answer = site.ask("GET", site.folder)
    assert (answer.status, answer.body) == (200, HTML.encode())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "server" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["", "nowhere"])
def test_every_answer_has_the_same_headers(site: Site, path: str) -> None:
    answer = site.ask("GET", site.folder + path)
    assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_it_listens_on_this_machine_alone(site: Site) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("::1", site.server.port), timeout=20)
    here = socket.gethostbyname(socket.gethostname())
    if here.startswith("127."):
        pytest.skip("this machine has no other address to try")
    with pytest.raises(OSError, match=r"refused|unreachable"):
        socket.create_connection((here, site.server.port), timeout=20)


def test_nobody_else_can_wait_for_the_browser_on_the_other_address_of_localhost(site: Site) -> None:
    with socket.socket(socket.AF_INET6) as other, pytest.raises(OSError, match="in use"):
        other.bind(("::1", site.server.port))


def test_a_port_that_somebody_has_on_either_address_is_refused(site: Site) -> None:
    with pytest.raises(TwokeyError, match=f"the port {site.server.port} of 127.0.0.1 cannot be had"):
        open_server(site.server.port)
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        with pytest.raises(TwokeyError, match="of ::1 cannot be had"):
            open_server(other.getsockname()[1])


def test_each_run_has_a_token_of_its_own() -> None:
    first, second = open_server(0), open_server(0)
    try:
        tokens = [server.url.rstrip("/").rsplit("/", 1)[1] for server in (first, second)]
    finally:
        first.close()
        second.close()
    assert tokens[0] != tokens[1]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_both_names_of_this_machine_work(site: Site) -> None:
    host = f"127.0.0.1:{site.server.port}"
    assert site.ask("GET", site.folder, Host=host).status == 200
    assert site.ask("PUT", site.folder + "grades", b"{}", Host=host, Origin=f"http://{host}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "localhost",
        "localhost:1",
        "localhost.:{port}",
        "LOCALHOST:{port}",
        "[::1]:{port}",
        "127.0.0.2:{port}",
        "localhost:{port}, evil.example",
        "",
        None,
    ],
)
def test_a_name_that_was_made_to_lead_here_is_refused(site: Site, host: str | None) -> None:
    given = None if host is None else host.format(port=site.server.port)
    answer = site.ask("GET", site.folder, Host=given)
    assert answer.status == 421
    assert "another place" in answer.error


def test_two_hosts_are_none(site: Site) -> None:
    request = f"GET {site.folder} HTTP/1.1\r\nHost: {site.host}\r\nHost: evil.example\r\n\r\n"
    assert site.raw(request.encode()).status == 421


def test_without_the_token_nothing_is_there(site: Site) -> None:
    token = site.folder.strip("/")
    tries = [
        "/",
        "/favicon.ico",
        "//",
        f"/{token[:-1]}/",
        f"/{token}x/",
        f"/{token}",
        f"/{token.lower()}/",
        f"//{token}/",
    ]
    tries += [f"/{'a' * 43}/", f"/%{ord(token[0]):02x}{token[1:]}/", f"/x/{token}/", f"/./{token}/", f"/{token}\xe9/"]
    for path in tries:
        answer = site.ask("GET", path)
        assert (answer.status, answer.error) == (404, "there is nothing here"), path
        assert site.ask("PUT", f"{path}grades", b"{}").status == 404


@pytest.mark.parametrize(
    "rest",
    [
        "nowhere",
        "../",
        "./",
        "grades/",
        "grades/../",
        "%67rades",
        "grades?x=1",
        "?x=1",
        "grades#x",
        "..%2f..%2fetc%2fpasswd",
        "../../../../etc/passwd",
        "/etc/passwd",
        "sign/key/",
        "sign//key",
        "GRADES",
        "sign\\key",
    ],
)
def test_a_path_is_one_of_the_table_letter_by_letter(site: Site, rest: str) -> None:
    for method in ("GET", "PUT", "POST"):
        answer = site.ask(method, site.folder + rest, None if method == "GET" else b"{}")
        assert (answer.status, answer.error) == (404, "there is nothing here"), method
    assert not site.written


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("HEAD", ""), ("DELETE", "grades"), ("GET", "grades"), ("OPTIONS", "grades")]
)
def test_what_is_there_is_done_in_one_way_only(site: Site, method: str, path: str) -> None:
    answer = site.ask(method, site.folder + path, b"{}" if method in ("POST", "DELETE") else None)
    assert answer.status == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "get"])
def test_another_method_is_not_understood(site: Site, method: str) -> None:
    answer = site.ask(method, site.folder)
    assert answer.status == 501
    assert method not in answer.error


def test_the_page_itself_writes(site: Site) -> None:
    answer = site.ask("PUT", site.folder + "grades", '{"a": ["ä"]}'.encode(), Sec_Fetch_Site="same-origin")
    assert (answer.status, json.loads(answer.body), site.written) == (200, {"written": 1}, [{"a": ["ä"]}])
    assert (
        site.ask("POST", site.folder + "sign/key", b"{}", Content_Type="application/json; charset=utf-8").status == 200
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "http://127.0.0.1:{port}"}, 403),
        ({"Origin": "https://localhost:{port}"}, 403),
        ({"Origin": "http://localhost:{port}/"}, 403),
        ({"X_Twokey": None}, 403),
        ({"X_Twokey": "2"}, 403),
        ({"X_Twokey": "1, 1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Content_Type": None}, 415),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content_Type": "application/json; charset=utf-7"}, 415),
        ({"Content_Length": None}, 411),
        ({"Content_Length": "-1"}, 411),
        ({"Content_Length": "+2"}, 411),
        ({"Content_Length": "0x2"}, 411),
        ({"Content_Length": "2, 2"}, 411),
        ({"Content_Length": str(MAX_BODY + 1)}, 413),
        ({"Content_Length": "999999999999999"}, 413),
        ({"Transfer_Encoding": "chunked"}, 411),
        ({"Transfer_Encoding": "identity", "Content_Length": None}, 411),
    ],
)
def test_nobody_but_the_page_writes(site: Site, changes: dict[str, str | None], status: int) -> None:
    given = {name: value and value.format(port=site.server.port) for name, value in changes.items()}
    answer = site.ask("PUT", site.folder + "grades", b"{}", **given)
    assert answer.status == status
    assert answer.error
    assert not site.written


def test_twice_the_length_or_the_origin_is_none(site: Site) -> None:
    head = f"PUT {site.folder}grades HTTP/1.1\r\nHost: {site.host}\r\nX-Twokey: 1\r\nContent-Type: application/json\r\n"
    origin, length = f"Origin: http://{site.host}\r\n", "Content-Length: 2\r\n"
    assert site.raw((head + origin + length + "\r\n{}").encode()).status == 200
    assert site.raw((head + origin + length + length + "\r\n{}").encode()).status == 411
    assert site.raw((head + origin + origin + length + "\r\n{}").encode()).status == 403


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 422, "not JSON"),
        (b"[]", 422, "expected a JSON object"),
        (b"null", 422, "expected a JSON object"),
        (b'{"a": 1, "a": 2}', 422, "appears twice"),
        (b'{"a": NaN}', 422, "NaN"),
        (b'{"a": "\xff"}', 422, "not UTF-8"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, 422, "nested deeper"),
        (b'{"a": ' + b"9" * 40 + b"}", 422, "digits"),
    ],
)
def test_what_is_sent_is_read_strictly(site: Site, body: bytes, status: int, expected: str) -> None:
    answer = site.ask("PUT", site.folder + "grades", body)
    assert answer.status == status
    assert expected in answer.error
    assert not site.written


def test_as_much_as_is_allowed_is_taken(site: Site) -> None:
    body = b'{"a": "' + b"x" * (MAX_BODY - 9) + b'"}'
    assert len(body) == MAX_BODY
    assert site.ask("PUT", site.folder + "grades", body).status == 200


def test_what_is_cut_off_is_not_taken(site: Site) -> None:
    data = (
        f"PUT {site.folder}grades HTTP/1.1\r\nHost: {site.host}\r\nOrigin: http://{site.host}\r\nX-Twokey: 1\r\n"
        "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{}"
    ).encode()
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=20) as there:
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        reply = http.client.HTTPResponse(there)
        reply.begin()
        assert reply.status == 400
    assert not site.written


def test_nothing_is_sent_with_get(site: Site) -> None:
    assert site.ask("GET", site.folder, Content_Length="2").status == 400


@pytest.mark.parametrize(
    ("how", "status", "expected"),
    [("no", 409, "not now"), ("cannot", 422, "the disk is full"), ("bug", 500, "unexpected fault: ZeroDivisionError")],
)
def test_a_browser_sees_a_sentence_and_never_a_traceback(
    site: Site, capfd: pytest.CaptureFixture[str], how: str, status: int, expected: str
) -> None:
    answer = site.ask("POST", site.folder + "breaks", json.dumps({"how": how}).encode())
    assert answer.status == status
    assert expected in answer.error
    assert b"secret detail" not in answer.body
    assert b"Traceback" not in answer.body
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "data",
    [
        b"GET\r\n\r\n",
        b"<script>alert(1)</script>\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_without_repeating_it(
    site: Site, capfd: pytest.CaptureFixture[str], data: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=20) as there:
        there.sendall(data)
        heard = b"".join(iter(lambda: there.recv(65536), b""))
    assert b"no request that is understood" in heard
    assert b"script" not in heard
    assert b"Python" not in heard
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_leaves_in_the_middle_ends_nothing(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    for data in (b"", b"GET ", f"PUT {site.folder}grades HTTP/1.1\r\nHost: {site.host}\r\n".encode()):
        with socket.create_connection(("127.0.0.1", site.server.port), timeout=20) as there:
            there.sendall(data)
    assert site.ask("GET", site.folder).status == 200
    assert capfd.readouterr() == ("", "")


def test_the_last_answer_is_given_and_then_the_port_is_free(site: Site) -> None:
    port = site.server.port
    assert json.loads(site.ask("POST", site.folder + "sign/key", b'{"last": true}').body) == {"written": 1}
    for thread in threading.enumerate():
        if thread.name.endswith("(serve)"):
            thread.join(20)
    again = open_server(port)
    again.close()


@pytest.mark.parametrize(
    "text",
    [
        "<head></head>",
        HTML.replace("</head>", HTML + "</head>"),
        HTML.replace("</head>", "</head>").replace("&#x27;none&#x27;", "&#x27;none&#x27;; frame-ancestors *"),
        HTML.replace("default-src", "default-src&#13;&#10;Set-Cookie: a"),
    ],
)
def test_a_page_without_one_policy_is_not_served(text: str) -> None:
    with pytest.raises(ValueError, match="content security policy"):
        page(text)


def test_a_policy_in_the_text_of_a_page_is_text() -> None:
    meta = re.search("<meta[^>]*>", HTML)
    assert meta is not None
    assert page(HTML + meta[0].replace("none", "self")).policy == "default-src 'none'; frame-ancestors 'none'"
