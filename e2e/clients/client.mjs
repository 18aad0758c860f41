// client.mjs: the npm SDK as a program of its own, copied beside node_modules.
//   node client.mjs ENDPOINT
// Reads calls, a line each: ["Operation or waiter", {"Parameter": …}]. Answers each
// with a line: [true, what came back] or [false, {"Code", "Message"}].
import { createInterface } from "node:readline";
import * as sdk from "@aws-sdk/client-cloudfront";

const client = new sdk.CloudFrontClient({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "x", secretAccessKey: "x" },
});
const waiters = {
  DistributionDeployed: sdk.waitUntilDistributionDeployed,
  InvalidationCompleted: sdk.waitUntilInvalidationCompleted,
};

async function call(name, params) {
  const wait = waiters[name];
  if (wait) return wait({ client, maxWaitTime: 120 }, params);
  return client.send(new sdk[name + "Command"](params));
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = [true, await call(...JSON.parse(line))];
  } catch (e) {
    answer = [false, { Code: e.name, Message: e.message }];
  }
  console.log(JSON.stringify(answer));
}
