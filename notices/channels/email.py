"""E-mail through whatever SMTP server the settings name."""

from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives, mailers

from notices.channels import NotSent

# The server is there and does not want this one mail.
ABOUT_ONE = (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused, ValueError)


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str
    message_id: str  # the same when it is sent again: mail programs show it once


class Post:
    """One connection for a batch of mails; opened with the first."""

    def __init__(self) -> None:
        self.connection: Any = None

    def send(self, mail: Mail) -> None:
        """NotSent with the server's own words."""
        message = EmailMultiAlternatives(
            " ".join(mail.subject.split()),
            mail.text,
            to=[mail.to],
            headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(mail.html, "text/html")
        try:
            if self.connection is None:
                self.connection = mailers["default"]
                self.connection.open()
            self.connection.send_messages([message])
        except (OSError, ValueError) as fault:  # smtplib's exceptions are OSErrors
            self.close()
            raise NotSent(
                f"{type(fault).__name__}: {fault}", down=not isinstance(fault, ABOUT_ONE)
            ) from fault

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.close()
            except OSError:
                return


def message_id(key: str, domain: str) -> str:
    return f"<{key}@{domain}>"
