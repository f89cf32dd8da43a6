"""Header fields that identify messages, transactions and dialogs: Via, Call-ID, CSeq, RAck, Replaces."""
