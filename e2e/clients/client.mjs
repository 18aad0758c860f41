// client.mjs: one call of the npm SDK, as a program of its own.
//   node client.mjs ENDPOINT Operation|waiter '{"Parameter": …}'
// Prints what came back as JSON, or {"Code", "Message"} and exit status 1.
// It is copied beside node_modules before it runs.
import * as sdk from "@aws-sdk/client-cloudfront";

const [endpoint, name, params] = process.argv.slice(2);
const client = new sdk.CloudFrontClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "x", secretAccessKey: "x" },
  maxAttempts: 1,
});
const waiters = {
  DistributionDeployed: sdk.waitUntilDistributionDeployed,
  InvalidationCompleted: sdk.waitUntilInvalidationCompleted,
};
try {
  const input = JSON.parse(params);
  const out = waiters[name]
    ? await waiters[name]({ client, maxWaitTime: 120 }, input)
    : await client.send(new sdk[name + "Command"](input));
  console.log(JSON.stringify(out));
} catch (e) {
  console.log(JSON.stringify({ Code: e.name, Message: e.message }));
  process.exitCode = 1;
}
