import json
import os

from openapi_client import ApiClient, Audience, Configuration, InboxApi, NotificationsApi, NotifyInput, ToEveryone, ToUser
from openapi_client.exceptions import ApiException

name = os.environ["TIDINGS_NAME"]


def client(token: str) -> ApiClient:
    return ApiClient(Configuration(host=os.environ["TIDINGS_URL"], access_token=token))


back_end = NotificationsApi(client(os.environ["TIDINGS_API_KEY"]))
user = InboxApi(client(os.environ["TIDINGS_TOKEN"]))

one = back_end.send_notification(
    NotifyInput(to=Audience(ToUser(user="42")), title=f"one by {name}", data={"amount": 12.5}),
    idempotency_key=f"one by {name}",
)
everyone = NotifyInput(to=Audience(ToEveryone(everyone=True)), title=f"all by {name}")
batch = back_end.send_notification_batch([everyone])
inbox = user.list_inbox(limit=2)
try:
    code = back_end.read_notification("none").status
except ApiException as error:
    code = json.loads(error.body)["code"]
print(json.dumps({
    "revs": [one.rev, batch.results[0].rev],
    "shown": [item.rev for item in inbox.items],
    "code": code,
}))
