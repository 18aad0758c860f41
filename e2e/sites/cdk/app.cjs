// A static site as people write it: a private bucket, pages that are not cached, assets with a hash in their names,
// styles with ?v= in the key, and one page for everything that is not there.
const cdk = require("aws-cdk-lib");
const s3 = require("aws-cdk-lib/aws-s3");
const cloudfront = require("aws-cdk-lib/aws-cloudfront");
const origins = require("aws-cdk-lib/aws-cloudfront-origins");

const stack = new cdk.Stack(new cdk.App(), "StaticSite");
const origin = origins.S3BucketOrigin.withOriginAccessControl(new s3.Bucket(stack, "Bucket"));
const byVersion = new cloudfront.CachePolicy(stack, "ByVersion", {
  cachePolicyName: "by-version",
  minTtl: cdk.Duration.seconds(0), defaultTtl: cdk.Duration.days(1), maxTtl: cdk.Duration.days(365),
  queryStringBehavior: cloudfront.CacheQueryStringBehavior.allowList("v"),
});
new cloudfront.Distribution(stack, "Distribution", {
  defaultRootObject: "index.html",
  defaultBehavior: {
    origin,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
  },
  additionalBehaviors: {
    "/assets/*": { origin, cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED },
    "/css/*": { origin, cachePolicy: byVersion },
  },
  errorResponses: [{ httpStatus: 403, responseHttpStatus: 404, responsePagePath: "/404.html" }],
});
