"""The demo takes ports that people can remember, and gets out of the way where one is taken."""

import socket

import pytest

import demo.__main__ as supervisor
from demo.embedded import free_port
from demo.stack import Ports


def test_a_taken_port_is_left_alone_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        taken, free = somebody.getsockname()[1], free_port()
        monkeypatch.setattr(supervisor, "FRIENDLY", Ports(app=taken, procore=free))
        assert supervisor.friendly_ports() == Ports(app=0, procore=free)
    assert f"port {taken} is taken: app gets a free one" in capsys.readouterr().out
