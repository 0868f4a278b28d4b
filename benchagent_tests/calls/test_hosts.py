import pytest

from benchagent.calls.hosts import (
    Host,
    HostError,
    RemoteRefusedError,
    answers_as_ollama,
    choose_host,
    is_loopback,
    named_host,
    parse_host,
    refuse_cloud,
)
from benchagent_tests.scripted_ollama import ScriptedOllama, unused_url
from benchagent_tests.scripted_replies import html

# The table of TestHost in Ollama's envconfig, less what only a listener can use.
ADDRESSES: list[tuple[str, str]] = [
    ("", "http://127.0.0.1:11434"),
    ("1.2.3.4", "http://1.2.3.4:11434"),
    (":1234", "http://127.0.0.1:1234"),
    ("1.2.3.4:", "http://1.2.3.4:11434"),
    ("1.2.3.4:1234", "http://1.2.3.4:1234"),
    ("example.com", "http://example.com:11434"),
    ("http://1.2.3.4", "http://1.2.3.4:80"),
    ("https://1.2.3.4", "https://1.2.3.4:443"),
    ("https://1.2.3.4:4321/", "https://1.2.3.4:4321"),
    ("https://example.com/ollama", "https://example.com:443/ollama"),
    ("example.com:56789/ollama/", "http://example.com:56789/ollama"),
    ("example.com:70000", "http://example.com:11434"),
    ("http://example.com:no", "http://example.com:80"),
    ("example.com:-1", "http://example.com:11434"),
    ("[::1]", "http://[::1]:11434"),
    ("::1", "http://[::1]:11434"),
    ("[::1]:1337", "http://[::1]:1337"),
    ("[fe80::1]:1337/x", "http://[fe80::1]:1337/x"),
    (' "example.com:1234" ', "http://example.com:1234"),
    ("'127.0.0.1'", "http://127.0.0.1:11434"),
    ("0.0.0.0", "http://127.0.0.1:11434"),  # where a server listens is not where a client goes
    ("0.0.0.0:8080", "http://127.0.0.1:8080"),
    ("[::]:8080", "http://[::1]:8080"),
    ("::", "http://[::1]:11434"),
    ("example.com:0", "http://example.com:11434"),
    ("ollama.com", "https://ollama.com:443"),
]


@pytest.mark.parametrize(("text", "url"), ADDRESSES)
def test_an_address_reads_as_it_does_for_ollama(text: str, url: str) -> None:
    assert parse_host(text) == url


@pytest.mark.parametrize("text", ["ftp://example.com", "a b", "1.2.3.4:5:6", "http://a?b"])
def test_what_is_no_address_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(HostError) as raised:
        parse_host(text)
    assert repr(text) in str(raised.value)


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(HostError, match="OLLAMA_API_KEY") as raised:
        parse_host("http://me:secret-key@example.com")
    assert "secret-key" not in str(raised.value)


LOOPBACK: list[tuple[str, bool]] = [
    ("http://127.0.0.1:1", True),
    ("http://127.8.9.10:1", True),
    ("http://localhost:1", True),
    ("http://LOCALHOST.:1", True),
    ("http://ollama.localhost:1", True),
    ("http://[::1]:1", True),
    ("http://192.168.1.5:1", False),
    ("http://127.0.0.1.example.com:1", False),
    ("http://localhost.example.com:1", False),
]


@pytest.mark.parametrize(("url", "loopback"), LOOPBACK)
def test_only_this_machine_is_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_the_agents_host_comes_first_then_ollama_host_then_the_usual_port() -> None:
    environ = {"OLLAMA_HOST": "127.0.0.1:2222"}
    agents = choose_host("127.0.0.1:1111", environ, answers=lambda url: True)
    named = choose_host(None, environ, answers=lambda url: True)
    usual = choose_host(None, {}, answers=lambda url: True)
    assert [(h.url, h.origin) for h in (agents, named, usual) if h] == [
        ("http://127.0.0.1:1111", "agent"),
        ("http://127.0.0.1:2222", "OLLAMA_HOST"),
        ("http://127.0.0.1:11434", "usual port"),
    ]


def test_no_ollama_anywhere_means_the_embedded_server() -> None:
    assert choose_host(None, {"OLLAMA_HOST": ' "" '}, answers=lambda url: False) is None


@pytest.mark.parametrize("agent_host", ["gpu-box", None])
def test_another_machine_is_refused_unless_the_agent_allows_it(agent_host: str | None) -> None:
    environ = {"OLLAMA_HOST": "gpu-box"}
    with pytest.raises(
        RemoteRefusedError, match=r"'gpu-box', which is not this machine.*allow_rem"
    ):
        choose_host(agent_host, environ)
    allowed = choose_host(agent_host, environ, allow_remote=True)
    assert allowed is not None
    assert (allowed.url, allowed.loopback) == ("http://gpu-box:11434", False)


KEYS: list[tuple[str, str, bool]] = [
    ("https://gpu-box", "OLLAMA_HOST", True),  # set beside the key, encrypted
    ("http://gpu-box", "OLLAMA_HOST", False),  # anybody on the way could read it
    ("https://gpu-box", "agent", False),  # a roster may be somebody else's
    ("https://ollama.com", "agent", True),  # whose key it is
    ("https://ollama.com.evil.example", "agent", False),
    ("http://127.0.0.1:11434", "OLLAMA_HOST", False),
]


@pytest.mark.parametrize(("text", "origin", "sent"), KEYS)
def test_the_key_goes_only_where_it_was_meant(text: str, origin: str, sent: bool) -> None:
    host = named_host(
        text,
        "agent" if origin == "agent" else "OLLAMA_HOST",
        {"OLLAMA_API_KEY": "secret-key"},
        allow_remote=True,
    )
    assert host.api_key == ("secret-key" if sent else None)
    assert "secret-key" not in repr(host)


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "qwen3-coder:cloud", "X:CLOUD"])
def test_a_cloud_model_on_a_local_server_is_another_machine(model: str) -> None:
    with pytest.raises(RemoteRefusedError, match="the cloud of Ollama"):
        refuse_cloud(model, None, Host(url="http://127.0.0.1:1"))
    refuse_cloud(model, None, Host(url="http://127.0.0.1:1", allow_remote=True))


def test_a_model_with_cloud_in_its_name_only_is_local() -> None:
    refuse_cloud("cloud:7b", None, Host(url="http://127.0.0.1:1"))
    refuse_cloud("my-cloud", None, Host(url="http://127.0.0.1:1"))


def test_what_answers_at_the_port_must_be_an_ollama() -> None:
    with ScriptedOllama() as ollama:
        assert answers_as_ollama(ollama.url)
        ollama.at("/api/version", html())
        assert not answers_as_ollama(ollama.url)
    assert not answers_as_ollama(unused_url())
