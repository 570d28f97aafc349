"""moto's server in a thread, behind the sandbox's credentials and faults.

moto keeps one cloud for a whole process: two servers in one process share it.
"""

import socket
import threading
from collections.abc import Callable

from moto.backends import get_backend
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.aws.gate import Answer, Call, Gate
from sandbox.aws.mail import Mailbox
from sandbox.aws.notifications import Topics
from sandbox.aws.refusals import access_denied
from sandbox.aws.roles import Roles
from sandbox.credentials import AWS_ACCOUNT, AWS_REGION, S3_BUCKET, SES_SENDER, SNS_FIFO_TOPIC, SNS_TOPIC
from sandbox.faults import Faults
from sandbox.identities import Identities, Identity
from sandbox.permissions import Permissions, action


class Aws:
    """`.mail` and `.sns` tell what was sent; `.url` is the endpoint for SNS, SES, S3 and STS."""

    def __init__(self, host: str, port: int, identities: Identities, permissions: Permissions,
                 faults: Faults, clock: Callable[[], float]) -> None:
        self.mail = Mailbox()
        self.topics = Topics(clock)
        app = DomainDispatcherApplication(create_backend_app)

        def refuse(call: Call, caller: Identity) -> Answer | None:
            allowed = permissions.allows(action(call.service, call.operation))
            return None if allowed else access_denied(call, caller)

        gate = Gate(app, identities, refuse, faults, [Roles(identities), self.mail, self.topics])
        self._server: BaseWSGIServer = make_server(host, port, gate, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self.reset()
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reset(self) -> None:
        """Forget everything, and make anew what a fresh sandbox has."""
        moto_api_backend.reset()
        self.mail.clear()
        self.topics.clear()
        sns = get_backend("sns")[AWS_ACCOUNT][AWS_REGION]
        sns.create_topic(SNS_TOPIC)
        sns.create_topic(SNS_FIFO_TOPIC, {"FifoTopic": "true"})
        get_backend("ses")[AWS_ACCOUNT][AWS_REGION].verify_email_identity(SES_SENDER)
        mail = get_backend("sesv2")[AWS_ACCOUNT][AWS_REGION]
        mail.create_email_identity(SES_SENDER, None, None, None).verified_for_sending_status = True
        get_backend("s3")[AWS_ACCOUNT]["aws"].create_bucket(S3_BUCKET, AWS_REGION)


class _Quiet(MotoRequestHandler):
    """No line on the terminal for each request, and no delay for small answers."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
