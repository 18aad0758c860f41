"""One call of boto3, as a program of its own.

    python3 client.py ENDPOINT Operation|waiter '{"Parameter": …}'

Prints what came back as JSON, or {"Code", "Message"} and exit status 1.
"""
import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, name, params = sys.argv[1:]
client = boto3.client(
    "cloudfront", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x",
    aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))
try:
    if name in ("DistributionDeployed", "InvalidationCompleted"):
        client.get_waiter(xform_name(name)).wait(**json.loads(params))
        out = {}
    else:
        out = getattr(client, xform_name(name))(**json.loads(params))
    print(json.dumps(out, default=str))
except ClientError as e:
    print(json.dumps(e.response["Error"]))
    sys.exit(1)
