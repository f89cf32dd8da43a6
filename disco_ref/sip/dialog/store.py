"""The dialogs of a user agent and who uses them (RFC 3261, section 12; RFC 5057, from memory: a dialog ends with its last usage)."""

from __future__ import annotations

from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog, Usage
from disco_ref.sip.message import Request


class Dialogs:
    """Dialogs by their identifiers; sessions and subscriptions in one dialog share its numbers and its target."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[DialogId, Dialog] = {}

    def __len__(self) -> int:
        """How many dialogs there are, early ones too."""
        return len(self._by_id)

    def __contains__(self, id: DialogId) -> bool:
        """Whether there is such a dialog."""
        return id in self._by_id

    def get(self, id: DialogId) -> Dialog | None:
        """The dialog of this identifier."""
        return self._by_id.get(id)

    def find(self, request: Request) -> Dialog | None:
        """The dialog that a received request belongs to, None where there is none or its To has no tag (section 12.2.2)."""
        headers = request.headers
        tag = headers.to.tag
        if tag is None:
            return None
        return self._by_id.get(DialogId(headers.call_id, tag, headers.from_.tag or ""))

    def receive(self, request: Request) -> Dialog:
        """The dialog of a received request, its number taken in: once for each request, by the room that answers it.

        NoDialog (481) where there is none, OutOfOrder (500) where a later request has come before.
        """
        dialog = self.find(request)
        if dialog is None:
            # = rfc3261:12.2.2/2
            raise NoDialog("no such dialog", where="To")
        dialog.receive(request)
        return dialog

    def join(self, dialog: Dialog, usage: Usage) -> Dialog:
        """Notes that a usage lives in a dialog; the dialog of that identifier that was there before, if there was one."""
        known = self._by_id.setdefault(dialog.id, dialog)
        if usage not in known.usages:
            known.usages = (*known.usages, usage)
        return known

    def leave(self, dialog: Dialog, usage: Usage) -> bool:
        """Notes that a usage has ended; with the last one the dialog ends, which is the answer."""
        dialog.usages = tuple([each for each in dialog.usages if each != usage])
        if dialog.usages:
            return False
        if self._by_id.get(dialog.id) is dialog:
            del self._by_id[dialog.id]
        return True
