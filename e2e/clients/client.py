"""boto3 as a program of its own.

    python3 client.py ENDPOINT

Reads calls, a line each: ["Operation or waiter", {"Parameter": ...}]. Answers each
with a line: [true, what came back] or [false, {"Code", "Message"}].
"""
import json
import sys

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

client = boto3.client(
    "cloudfront", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def call(name, params):
    if name in ("DistributionDeployed", "InvalidationCompleted"):
        client.get_waiter(xform_name(name)).wait(**params)
        return {}
    return getattr(client, xform_name(name))(**params)


for line in sys.stdin:
    try:
        answer = [True, call(*json.loads(line))]
    except ClientError as e:
        answer = [False, e.response["Error"]]
    print(json.dumps(answer, default=str), flush=True)
