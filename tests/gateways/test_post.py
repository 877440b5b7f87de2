"""The post: files that are whole, a mail server on this machine, and none without encryption elsewhere."""

import smtplib
import socketserver
import ssl
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import config
from portal.gateways import post
from portal.gateways.post import Outbox, Smtp

NAME = "20261123T170000Z-ML-7F3K-2Q9D.eml"


def a_mail(text: str = "Your plan: ünïcödé, and a long line " + "x" * 200) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Agency <no-reply@plans.example.gov>"
    message["To"] = "owing@example.test"
    message["Subject"] = "Your plan – accepted"
    message["Date"] = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    message["Message-ID"] = "<ML-7F3K-2Q9D@plans.example.gov>"
    message.set_content(text)
    return message


# Files.


def test_a_mail_becomes_a_file_that_a_mail_program_opens(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "outbox")
    box.send(a_mail())

    read = box.read(NAME)

    assert box.names() == [NAME]
    assert read is not None
    assert (read["Subject"], read["To"]) == ("Your plan – accepted", "owing@example.test")
    assert "ünïcödé" in read.get_content()


def test_only_its_owner_reads_the_outbox(tmp_path: Path) -> None:
    Outbox(tmp_path / "outbox").send(a_mail())

    assert (tmp_path / "outbox").stat().st_mode & 0o077 == 0
    assert (tmp_path / "outbox" / NAME).stat().st_mode & 0o077 == 0


def test_a_mail_sent_again_is_still_one_file(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.send(a_mail())
    box.send(a_mail("the same"))

    assert [each.name for each in tmp_path.iterdir()] == [NAME]


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while it is written; and nobody finds the draft."""

    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        Outbox(tmp_path).send(a_mail())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../keyring.json", "keyring.json", "", ".", NAME.lower(), f"{NAME}\0", f"x/{NAME}"])
def test_nothing_but_mail_is_read_from_the_outbox(tmp_path: Path, name: str) -> None:
    (tmp_path / "keyring.json").write_text("secret", encoding="utf-8")
    box = Outbox(tmp_path / "outbox")
    assert box.names() == []
    box.send(a_mail())
    (tmp_path / "outbox" / "keyring.json").write_text("secret", encoding="utf-8")

    assert box.read(name) is None
    assert box.names() == [NAME]


# A mail server.


class Talk(socketserver.StreamRequestHandler):
    """The few words of SMTP that a client says to hand over one mail."""

    server: Any

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            self.server.heard.append(line.decode().strip())
            if verb == "DATA":
                self._say("354 go on")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self._say(self.server.answers.get(verb, "250 fine"))
            if verb == "QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """A mail server on this machine that takes everything, unless told otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[bytes] = []
        self.heard: list[str] = []
        self.answers = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}

    def at(self, scheme: str = "smtp", who: str = "") -> str:
        return f"{scheme}://{who}127.0.0.1:{self.server_address[1]}"

    def handle_error(self, _request: Any, _address: Any) -> None:
        """A client that hangs up is no error of the server's."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_mail_is_handed_to_the_server(server: Server) -> None:
    Smtp(server.at()).send(a_mail())

    [taken] = server.mails
    read = message_from_bytes(taken, policy=policy.default)
    assert "ünïcödé" in read.get_content()  # type: ignore[attr-defined]
    assert read["Message-ID"] == "<ML-7F3K-2Q9D@plans.example.gov>"
    assert [line.split()[1] for line in server.heard if line.startswith("rcpt")] == ["TO:<owing@example.test>"]


def test_one_signs_in_where_the_address_says_as_whom(server: Server) -> None:
    Smtp(server.at(who="us%40here:p%3Ass@")).send(a_mail())

    said = b64encode(b"\0us@here\0p:ss").decode()
    assert f"AUTH PLAIN {said}" in server.heard


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "550 nobody"), ("DATA", "451 later"), ("AUTH", "535 no")])
def test_what_the_server_refuses_is_not_sent(server: Server, verb: str, answer: str) -> None:
    server.answers[verb] = answer

    with pytest.raises(smtplib.SMTPException):
        Smtp(server.at(who="us:secret@")).send(a_mail())


def test_elsewhere_nothing_is_said_to_a_server_that_does_not_encrypt(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "LOOPBACK", ())

    with pytest.raises(smtplib.SMTPNotSupportedError):
        Smtp(server.at(who="us:secret@")).send(a_mail())

    assert {line.split()[0].upper() for line in server.heard} <= {"EHLO", "QUIT"}


def test_a_server_that_nobody_vouches_for_is_not_believed(server: Server, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)

    with pytest.raises(ssl.SSLCertVerificationError):
        Smtp(server.at("smtps")).send(a_mail())

    assert server.heard == []


def self_signed(folder: Path) -> Path:
    """A certificate that this machine made for itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "us")])
    begins = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=9))
    file = folder / "certificate.pem"
    unsealed = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *unsealed)
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_server_that_is_away_is_an_error() -> None:
    with Server() as server:
        address = server.at()
    with pytest.raises(OSError):
        Smtp(address).send(a_mail())


# Which of the two.


def test_without_a_server_mail_is_kept_as_files(tmp_path: Path) -> None:
    settings = config.load({"PORTAL_INSTANCE": str(tmp_path)})

    assert post.open_post(settings) == Outbox(tmp_path / "outbox")


def test_a_demonstration_sends_nothing_whatever_the_settings_say(tmp_path: Path) -> None:
    settings = config.load({"PORTAL_INSTANCE": str(tmp_path), "PORTAL_SMTP": "smtp://mail.example.gov"})

    assert post.open_post(settings) == Smtp("smtp://mail.example.gov")
    assert post.open_post(settings, is_demo=True) == Outbox(tmp_path / "outbox")
