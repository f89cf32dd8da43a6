"""Live play: scenarios with a subject on the network or in virtual time, and the evidence they leave."""
