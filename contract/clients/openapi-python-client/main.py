import json
import os

from tidings_client import AuthenticatedClient
from tidings_client.api.inbox import list_inbox
from tidings_client.api.notifications import read_notification, send_notification, send_notification_batch
from tidings_client.models import NotifyInput, NotifyInputData, ToEveryone, ToUser

name, url = os.environ["TIDINGS_NAME"], os.environ["TIDINGS_URL"]
back_end = AuthenticatedClient(base_url=url, token=os.environ["TIDINGS_API_KEY"])
user = AuthenticatedClient(base_url=url, token=os.environ["TIDINGS_TOKEN"])

data = NotifyInputData()
data["amount"] = 12.5
notification = NotifyInput(to=ToUser(user="42"), title=f"one by {name}", data=data)
one = send_notification.sync(client=back_end, body=notification, idempotency_key=f"one by {name}")
batch = send_notification_batch.sync(
    client=back_end, body=[NotifyInput(to=ToEveryone(everyone=True), title=f"all by {name}")]
)
inbox = list_inbox.sync(client=user, limit=2)
problem = read_notification.sync("none", client=back_end)
print(json.dumps({
    "revs": [one.rev, batch.results[0].rev],
    "shown": [item.rev for item in inbox.items],
    "code": problem.code if isinstance(problem.code, str) else problem.code.value,
}))
