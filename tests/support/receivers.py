"""A webhook and a mail server that keep what they get: real servers, on ports of their own."""

from __future__ import annotations

import json
import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Served:
    """A server on a thread, as a context."""

    server: socketserver.BaseServer

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        host, port = self.server.server_address[:2]
        return f"{host}:{port}"


class WebhookReceiver(_Served):
    """`posts`: the bodies that it took. The first `refusals` requests are answered with 503."""

    def __init__(self, refusals: int = 0) -> None:
        self.posts: list[dict] = []
        self.refused = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if receiver.refused < refusals:
                    receiver.refused += 1
                    self.send_response(503)
                else:
                    receiver.posts.append(body)
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://{self.address}/services/T0/B0/secret"

    @property
    def texts(self) -> list[str]:
        return [post["text"] for post in self.posts]


class MailReceiver(_Served):
    """`mails`: what it took, parsed; `envelopes`: sender and recipients of each. `refusal`: what it answers to each
    recipient instead of taking mail for it."""

    def __init__(self, refusal: str = "") -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        receiver = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sender, recipients = "", []
                self.say("220 receiver")
                for line in iter(self.rfile.readline, b""):
                    word, _, rest = line.decode().strip().partition(" ")
                    match word.upper():
                        case "EHLO" | "HELO" | "NOOP" | "RSET":
                            self.say("250 receiver")
                        case "MAIL":
                            sender, recipients = rest.partition("<")[2].partition(">")[0], []
                            self.say("250 ok")
                        case "RCPT":
                            recipients.append(rest.partition("<")[2].partition(">")[0])
                            self.say(refusal or "250 ok")
                        case "DATA":
                            self.say("354 go on")
                            receiver.keep(self.text(), sender, recipients)
                            self.say("250 taken")
                        case "QUIT":
                            self.say("221 bye")
                            return
                        case _:
                            self.say("502 unknown")

            def say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

            def text(self) -> bytes:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                return b"".join(lines)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)

    def keep(self, data: bytes, sender: str, recipients: list[str]) -> None:
        self.envelopes.append((sender, recipients))
        self.mails.append(message_from_bytes(data, policy=policy.default))  # type: ignore[arg-type]
