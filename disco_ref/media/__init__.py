"""Sessions of media: their descriptions, offer and answer, RTP."""
