"""Jitsi rooms: named by a secret, the same for the same key."""

from __future__ import annotations

from integrations.conferencing.jitsi import Jitsi
from integrations.conferencing.port import Services


def test_same_key_gives_the_same_room():
    jitsi = Jitsi("https://meet.example.org/", "secret")

    assert jitsi.create("session:1:jitsi", "А") == jitsi.create("session:1:jitsi", "Б")


def test_room_cannot_be_guessed_without_the_secret():
    ours = Jitsi("https://meet.example.org", "secret").create("session:1:jitsi", "")
    theirs = Jitsi("https://meet.example.org", "guess").create("session:1:jitsi", "")

    assert ours.join_url.startswith("https://meet.example.org/vzaimo-")
    assert ours.join_url != theirs.join_url
    assert len(ours.external_id.removeprefix("vzaimo-")) == 24


def test_services_are_offered_by_name():
    jitsi = Jitsi("https://meet.example.org", "secret")

    services = Services(jitsi)

    assert services.names() == ["jitsi"]
    assert services.named("jitsi") is jitsi
