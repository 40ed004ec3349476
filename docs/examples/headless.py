"""Runs a flow without any of our pages, with Python's standard library alone.

python headless.py https://q.example.com SITE_KEY        (a key in BATON_KEY also shows the handoff)
"""

import json
import os
import sys
import time
import uuid
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

PERSON = {
    "goal": {"value": "grow"},
    "challenge": {"text": "The close takes nine days and three people"},
    "job_title": {"value": "CFO"},
    "company_size": {"text": "around 250 people"},
    "timeline": {"value": "quarter"},
    "email": {"value": "ana@nordwind.example"},
}


def call(base, method, path, body=None, bearer=None):
    """One call, sent again where it was lost or there is a Retry-After (409, 429, 503), always with
    the same Idempotency-Key: done once, however often it is sent."""
    address = urlsplit(base)
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    for pause in (1, 4, 16, None):
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname, address.port, timeout=30)
        try:
            connection.request(method, f"/api/v1{path}", body and json.dumps(body), headers)
            response = connection.getresponse()
            said = response.read()
            away = pause if response.status in (502, 504) else None  # a proxy says so, in no JSON
            wait = response.headers.get("Retry-After") or away
            if wait is None or pause is None:
                return response.status, json.loads(said or b"null")
        except (OSError, HTTPException):
            if pause is None:
                raise
            wait = pause
        finally:
            connection.close()
        time.sleep(int(wait))


def run(base, site, person=PERSON):
    """Answer until there is nothing left to ask; how it ended."""
    status, begun = call(base, "POST", "/conversations", {"flow": "demo-request", "site": site})
    if status != 201:
        raise SystemExit(f"{begun['detail']} {begun.get('errors', '')}")
    state, path = begun["state"], f"/conversations/{begun['conversation']}/answers"
    while "question" in state:
        asked = state["question"]
        answer = person.get(asked["id"], {"skip": True})
        status, answered = call(
            base, "POST", path, {"question": asked["id"], **answer}, begun["token"]
        )
        if status not in (200, 409):  # 409: another question is put by now, state says which
            raise SystemExit(f"{asked['ask']} {answered['detail']} {answered.get('meant', '')}")
        state = answered["state"]
    return state["ending"]


if __name__ == "__main__":
    base, site = sys.argv[1:]
    print(run(base, site)["text"])
    if key := os.environ.get("BATON_KEY"):
        _, page = call(base, "GET", "/handoffs?limit=1", bearer=key)
        _, handoff = call(base, "GET", f"/handoffs/{page['items'][0]['id']}", bearer=key)
        print(handoff["owner"], handoff["record"]["verdict"]["because"])
